"""The accounts with which one looks round: one a role, all with one password that is no secret."""

from __future__ import annotations

from dataclasses import dataclass

from hkh.demo.spec import PROVINCE_CODE

PASSWORD = "khuyenhoc"  # noqa: S105 (for trying out only)
#: A commune association that lived through both reorganisations, at either scale.
CLERKS_UNIT = "PT-08344"


@dataclass(frozen=True)
class Login:
    """An account of the demo: who it is, what it may do and where."""

    username: str
    role: str
    unit_code: str
    purpose: str
    full_name: str


ACCOUNTS = (
    Login("quantri", "administrator", PROVINCE_CODE, "cấp hội, đơn vị, tài khoản, quyền", "Nguyễn Thị Hồng Nhung"),
    Login("chutich", "chair", PROVINCE_CODE, "xem toàn tỉnh, duyệt, ký báo cáo", "Hà Quang Minh"),
    Login("ketoan", "accountant", PROVINCE_CODE, "thu, chuyển quỹ, sổ sách", "Trần Thị Thu Hà"),
    Login("thuquy", "cashier", PROVINCE_CODE, "thu tiền, chi theo đợt trao", "Lê Thị Mai"),
    Login("chuongtrinh", "programme_officer", PROVINCE_CODE, "đợt học bổng, suất quà, trao", "Phạm Văn Chương"),
    Login("xatienluong", "clerk", CLERKS_UNIT, "nhập liệu của xã Tiên Lương", "Đinh Văn Lương"),
    Login("xem", "viewer", PROVINCE_CODE, "chỉ xem", "Bùi Thị Yến"),
)
#: (user name, role, code of the unit, what for).
LOGINS = [(login.username, login.role, login.unit_code, login.purpose) for login in ACCOUNTS]
