"""Settings of a worker that a test starts as a process of its own: the sample handlers, an impatient clock."""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403

JOB_MODULES = ["tests.core.sample_jobs", "hkh.imports.handlers"]
JOB_BEAT_S = 0.2
JOB_SILENCE_S = 1.5
MEDIA_ROOT = Path(os.environ["HKH_MEDIA_ROOT"])
