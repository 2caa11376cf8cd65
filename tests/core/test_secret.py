"""The random key kept for trying out."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hkh.core.secret import kept_secret


def test_the_secret_is_long_random_and_kept(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "one" / "secret")
    assert len(first) >= 64
    assert kept_secret(tmp_path / "one" / "secret") == first
    assert kept_secret(tmp_path / "two" / "secret") != first


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    kept_secret(tmp_path / "secret")
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_many_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(kept_secret, [tmp_path / "secret"] * 32))) == 1
