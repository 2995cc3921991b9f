# The server in one image of three stages: the screens are built with Node, the wheel with the locked tools, and neither
# reaches the final image, which holds Python, the locked dependencies and the wheel, and runs as nobody in particular.

FROM node:22-bookworm-slim AS ui
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-fonttools python3-brotli \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --ignore-scripts
COPY web/ ./
RUN IOC_PYTHON=/usr/bin/python3 npm run build

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements.txt requirements-dev.txt ./
# hatchling and what it needs, at the locked versions; the wheel's own dependencies come by hash into a folder of their own
RUN python -m venv /opt/tools && /opt/tools/bin/pip install --no-cache-dir --require-hashes -r requirements-dev.txt
RUN python -m venv /opt/ioc && /opt/ioc/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY ioc/ ioc/
COPY collectors/ collectors/
COPY alerts/ alerts/
COPY --from=ui /src/web/dist/ web/dist/
RUN /opt/tools/bin/pip wheel --no-deps --no-build-isolation -w /wheel . \
    && /opt/ioc/bin/pip install --no-cache-dir --no-deps /wheel/*.whl \
    && /opt/ioc/bin/ioc --help >/dev/null

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 ioc && useradd --uid 10001 --gid ioc --no-create-home --home-dir /nonexistent ioc
COPY --from=build /opt/ioc /opt/ioc
ENV PATH=/opt/ioc/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER ioc
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "\
import os, urllib.request as web; \
web.urlopen('http://127.0.0.1:' + os.environ.get('IOC_PORT', '8080') + '/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["ioc"]
CMD ["serve", "--config", "/etc/ioc/ioc.toml"]
