"""Settings that differ between installations: all named in one file, and safe when used in earnest."""

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PRODUCTION = {
    "DATABASE_URL": "postgres://nobody@localhost:1/none",
    "HKH_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "HKH_ALLOWED_HOSTS": "hkh.example",
    "HKH_TRUSTED_ORIGINS": "https://hkh.example",
    "HKH_TLS": "1",
    "HKH_DEBUG": "",
    "HKH_TODAY": "",
}


def in_production(source: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """Run ``source`` with production settings; a variable set to None is taken out."""
    production = {**os.environ, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "hkh.settings", **environment}
    return subprocess.run(
        [sys.executable, "-c", source],
        cwd=ROOT,
        env={name: value for name, value in production.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_setting_is_in_the_example_file() -> None:
    sources = [*(ROOT / "hkh").rglob("*.py"), *(ROOT / "deploy").glob("*.py"), ROOT / "tests/browser/conftest.py"]
    read = re.compile(r"""(?:env\.\w+|environ\.get)\(\s*["'](HKH_\w+|DATABASE_URL)["']""")
    used = {name for source in sources for name in read.findall(source.read_text())}
    listed = re.findall(r"^#?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(used) == sorted(listed)


def test_a_real_database_asks_for_a_real_secret() -> None:
    result = in_production("import hkh.wsgi", HKH_SECRET_KEY=None)
    assert result.returncode == 1
    assert "DATABASE_URL is set, but HKH_SECRET_KEY is not." in result.stderr


def test_with_its_secret_the_web_server_starts() -> None:
    result = in_production("import hkh.wsgi; print(callable(hkh.wsgi.application))")
    assert (result.returncode, result.stdout) == (0, "True\n")


def test_the_environment_of_trying_out_keeps_a_random_secret() -> None:
    source = "from django.conf import settings; print(settings.SECRET_KEY)"
    first, second = (in_production(source, HKH_SECRET_KEY=None, DATABASE_URL=None) for _ in range(2))
    assert len(first.stdout.strip()) >= 64
    assert first.stdout == second.stdout


def test_https_is_insisted_on_behind_a_proxy_that_encrypts() -> None:
    source = """
import django; django.setup()
from django.test import Client
browser = Client()
plain = browser.get("/ngon-ngu/", headers={"host": "hkh.example"})
print(plain.status_code, plain["Location"])
secure = browser.get("/ngon-ngu/", headers={"host": "hkh.example", "x-forwarded-proto": "https"})
print(secure["Strict-Transport-Security"])
"""
    assert in_production(source).stdout.splitlines() == [
        "301 https://hkh.example/ngon-ngu/",
        "max-age=31536000; includeSubDomains",
    ]
