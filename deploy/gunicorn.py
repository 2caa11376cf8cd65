"""How gunicorn serves HKH: ``gunicorn --config deploy/gunicorn.py hkh.wsgi``."""

import os

bind = f"{os.environ.get('HKH_HOST', '127.0.0.1')}:{os.environ.get('HKH_PORT', '8000')}"
# A page is mostly waiting for the database: two processes for two cores, threads for the waiting.
workers = int(os.environ.get("HKH_WEB_PROCESSES", "2"))
threads = 4
# A page takes well under a second; what takes longer is the worker's to do.
timeout = 60
graceful_timeout = 5
keepalive = 5
# Charts, PDFs and sheets are made elsewhere, yet a process that grew is replaced by a fresh one in time.
max_requests = 5000
max_requests_jitter = 500
loglevel = "warning"
control_socket_disable = True
