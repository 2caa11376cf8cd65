"""Names of people, firms, schools and offices that could stand in the province; none is meant to be a real one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random

from hkh.demo.spec import rows_of

#: What the branches of a clan are told apart by.
ANCESTORS_CLANS = ("Văn", "Đình", "Hữu", "Đức", "Quang", "Xuân", "Ngọc", "Bá", "Công", "Trọng", "Duy", "Viết", "Thế")

FIRM_FIELDS = (
    "Xây dựng",
    "Thương mại",
    "Chè",
    "May mặc",
    "Vận tải",
    "Vật liệu xây dựng",
    "Dược phẩm",
    "Giấy và bao bì",
    "Cơ khí",
    "Nông sản",
    "Điện nước",
    "Du lịch",
    "Gốm sứ",
    "Thực phẩm",
    "In và thiết bị trường học",
    "Khoáng sản",
    "Lâm sản",
)
FIRM_NAMES = (
    "Hùng Vương",
    "Đất Tổ",
    "Sông Lô",
    "Sông Thao",
    "Hoàng Long",
    "Minh Đức",
    "Thành Công",
    "Tân Phát",
    "Phú Hưng",
    "Việt Hà",
    "An Phú",
    "Đại Thành",
    "Trường Sơn",
    "Bảo Long",
    "Hồng Hà",
    "Nam Thắng",
    "Toàn Thắng",
    "Văn Lang",
    "Âu Cơ",
    "Lạc Hồng",
    "Ba Vì",
    "Thanh Bình",
    "Hải Đăng",
    "Quang Minh",
    "Gia Bảo",
    "Thái Dương",
    "Kim Sơn",
    "Đồng Tâm",
    "Phương Đông",
    "Tiến Đạt",
)
FIRM_FORMS = ("Công ty TNHH", "Công ty Cổ phần", "Công ty TNHH MTV", "Doanh nghiệp tư nhân", "Hợp tác xã")

PROVINCE_AGENCIES = (
    "Sở Giáo dục và Đào tạo",
    "Sở Tài chính",
    "Sở Công Thương",
    "Sở Y tế",
    "Sở Nông nghiệp và Môi trường",
    "Ngân hàng Nhà nước khu vực",
    "Kho bạc Nhà nước khu vực",
    "Cục Thuế tỉnh",
    "Điện lực tỉnh",
    "Bưu điện tỉnh",
    "Liên đoàn Lao động tỉnh",
    "Hội Liên hiệp Phụ nữ tỉnh",
    "Tỉnh Đoàn",
    "Ủy ban Mặt trận Tổ quốc tỉnh",
    "Hội Cựu giáo chức tỉnh",
    "Hội Cựu chiến binh tỉnh",
    "Công đoàn ngành Giáo dục",
    "Ban Quản lý các khu công nghiệp",
)
DISTRICT_AGENCIES = (
    "Phòng Giáo dục và Đào tạo",
    "Trung tâm Y tế",
    "Ngân hàng Chính sách xã hội",
    "Ngân hàng Nông nghiệp và Phát triển nông thôn chi nhánh",
    "Kho bạc Nhà nước",
    "Chi cục Thuế",
    "Điện lực",
    "Bảo hiểm xã hội",
    "Hội Cựu giáo chức",
    "Liên đoàn Lao động",
    "Tòa án nhân dân",
    "Viện Kiểm sát nhân dân",
)
COMMUNE_AGENCIES = (
    "Ủy ban nhân dân",
    "Trạm Y tế",
    "Quỹ tín dụng nhân dân",
    "Hội Cựu giáo chức",
    "Hội Phụ nữ",
    "Đoàn Thanh niên",
)
FOREIGN_ORGANISATIONS = (
    ("Good People International (GPI)", "Hàn Quốc", "KRW"),
    ("Seeds of Learning Foundation", "Hoa Kỳ", "USD"),
    ("Kodomo no Hon (Sách cho trẻ em)", "Nhật Bản", "JPY"),
    ("Lernen verbindet e. V.", "Đức", "EUR"),
)

OCCUPATIONS = {
    "residential": ("Nông dân", "Nông dân", "Hưu trí", "Buôn bán", "Công nhân", "Lao động tự do", "Giáo viên nghỉ hưu"),
    "clan": ("Nông dân", "Hưu trí", "Công nhân", "Cán bộ", "Buôn bán", "Lao động tự do"),
    "school": ("Giáo viên", "Giáo viên", "Giáo viên", "Nhân viên trường học", "Cán bộ quản lý giáo dục"),
    "agency": ("Công chức", "Viên chức", "Cán bộ", "Nhân viên văn phòng"),
    "enterprise": ("Công nhân", "Công nhân", "Kỹ sư", "Nhân viên văn phòng"),
    "armed_forces": ("Sĩ quan", "Chiến sĩ", "Công nhân viên quốc phòng"),
}


class Weighted:
    """Values drawn by weight; ``draw`` gives many at once, which is what makes half a million names bearable."""

    def __init__(self, values: Sequence[str], weights: Sequence[int]) -> None:
        self.values = list(values)
        self._cumulated = list(accumulate(weights))

    def draw(self, rng: Random, count: int) -> list[str]:
        return rng.choices(self.values, cum_weights=self._cumulated, k=count)


class Names:
    """The stock of Vietnamese names, family – middle – given."""

    def __init__(self) -> None:
        stock: dict[str, tuple[list[str], list[int]]] = {}
        for row in rows_of("vn_names.csv"):
            values, weights = stock.setdefault(row["kind"], ([], []))
            values.append(row["value"])
            weights.append(int(row["weight"] or 1))
        self._stock = {kind: Weighted(*pair) for kind, pair in stock.items()}
        self.surnames = self._stock["surname"].values

    def people(self, rng: Random, sexes: Sequence[str], *, clan: str = "") -> list[str]:
        """A full name for each of ``sexes`` ("f" or "m"); most bear the surname ``clan`` where it is given."""
        count = len(sexes)
        draw = self._stock
        families = draw["surname"].draw(rng, count)
        if clan:
            families = [clan if n % 4 else family for n, family in enumerate(families)]
        men = zip(draw["middle_male"].draw(rng, count), draw["given_male"].draw(rng, count), strict=True)
        women = zip(draw["middle_female"].draw(rng, count), draw["given_female"].draw(rng, count), strict=True)
        return [
            f"{family} {her[0] if her[0] != her[1] else 'Thị'} {her[1]}"
            if sex == "f"
            else f"{family} {his[0] if his[0] != his[1] else 'Văn'} {his[1]}"
            for family, sex, his, her in zip(families, sexes, men, women, strict=True)
        ]

    def person(self, rng: Random) -> tuple[str, str]:
        """One full name with its sex."""
        sex = "f" if rng.random() < 0.5 else "m"
        return self.people(rng, [sex])[0], sex

    def clan(self, rng: Random) -> str:
        """What a clan is called after: Nguyễn, or Nguyễn Đình."""
        family = self._stock["surname"].draw(rng, 1)[0]
        return f"{family} {rng.choice(ANCESTORS_CLANS)}" if rng.random() < 0.45 else family


def firm(rng: Random) -> str:
    return f"{rng.choice(FIRM_FORMS)} {rng.choice(FIRM_FIELDS)} {rng.choice(FIRM_NAMES)}"


def phone(rng: Random) -> str:
    """A mobile number of ten digits in the ranges that are in use."""
    return f"0{rng.choice(('32', '33', '36', '38', '83', '85', '91', '94', '97', '98'))}{rng.randrange(10**7):07d}"


def in_sentence(name: str) -> str:
    """A place's name inside another name: "Xã Phú Lộc" -> "xã Phú Lộc"."""
    return name[:1].lower() + name[1:]


def bare(name: str) -> str:
    """A place's name without what it is: "Thị trấn Phong Châu" -> "Phong Châu"."""
    for kind in ("Thành phố ", "Thị xã ", "Thị trấn ", "Huyện ", "Phường ", "Xã ", "Tỉnh "):
        if name.startswith(kind):
            return name.removeprefix(kind)
    return name
