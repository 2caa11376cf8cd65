"""Where the private database server for the tests keeps its files. Nothing of worth ever stands there."""

from pathlib import Path

TEST_CLUSTER = Path(__file__).resolve().parent.parent / ".data" / "test-postgres"
