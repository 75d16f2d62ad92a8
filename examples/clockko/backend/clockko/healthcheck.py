"""`python -m clockko.healthcheck` ends with 0 if the service in this container answers: no curl is needed for it."""

from urllib.request import urlopen

urlopen("http://127.0.0.1:8000/health", timeout=2).close()
