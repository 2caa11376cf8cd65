"""The province of the article, generated from the data files beside this one."""

#: The accounts to try HKH out with, one a role: user name, role, unit. ``manage.py run`` shows them.
LOGINS: tuple[tuple[str, str, str], ...] = ()
#: The password of each of them.
PASSWORD = ""
