"""The accounts with which one looks round: one a role, all with one password that is no secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from hkh.demo.spec import PROVINCE_CODE
from hkh.demo.units import Tree
from members.models import Grant, Role, User

PASSWORD = "khuyenhoc"  # noqa: S105 (for trying out, and said so on every page that shows it)
#: A fixed salt makes two builds alike, byte for byte.
SALT = "the-demo-province-of-phu-tho"
CLERKS_UNIT = "PT-08344"
SINCE = date(2025, 7, 1)


@dataclass(frozen=True)
class Login:
    """An account of the demo: who it is, what it may do and where."""

    username: str
    role: str
    unit_code: str
    purpose: str
    full_name: str


ACCOUNTS = (
    Login("quantri", "administrator", PROVINCE_CODE, "cấp hội, đơn vị, tài khoản, quyền", "Nguyễn Thị Quản Trị"),
    Login("chutich", "chair", PROVINCE_CODE, "xem toàn tỉnh, duyệt, ký báo cáo", "Hà Văn Chủ"),
    Login("ketoan", "accountant", PROVINCE_CODE, "thu, chuyển quỹ, sổ sách", "Trần Thị Toán"),
    Login("thuquy", "cashier", PROVINCE_CODE, "thu tiền, chi theo đợt trao", "Lê Thị Quỹ"),
    Login("chuongtrinh", "programme_officer", PROVINCE_CODE, "đợt học bổng, suất quà, trao", "Phạm Văn Chương"),
    Login("xatienluong", "clerk", CLERKS_UNIT, "nhập liệu của xã Tiên Lương", "Đinh Thị Lương"),
    Login("xem", "viewer", PROVINCE_CODE, "chỉ xem", "Bùi Văn Xem"),
)
#: (user name, role, code of the unit, what for).
LOGINS = [(login.username, login.role, login.unit_code, login.purpose) for login in ACCOUNTS]


def load_accounts(tree: Tree) -> dict[str, int]:
    """Write the accounts with their rights: {role: user id}."""
    password = make_password(PASSWORD, salt=SALT)
    joined = timezone.make_aware(datetime.combine(SINCE, time(8)))
    ids: dict[str, int] = {}
    for number, login in enumerate(ACCOUNTS, start=1):
        family, _, given = login.full_name.rpartition(" ")
        user = User(
            id=number,
            username=login.username,
            password=password,
            full_name=login.full_name,
            first_name=given,
            last_name=family,
            is_staff=login.role == Role.ADMINISTRATOR,
            date_joined=joined,
        )
        user.save(force_insert=True)
        Grant.objects.create(
            id=number, user=user, role=login.role, unit_id=tree.by_code[login.unit_code].id, valid_from=SINCE
        )
        ids[login.role] = number
    return ids
