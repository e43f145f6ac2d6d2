# syntax=docker/dockerfile:1
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
RUN python3 -m venv /opt/vigie
COPY requirements-run.lock ./
RUN /opt/vigie/bin/pip install --no-cache-dir --require-hashes -r requirements-run.lock
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY probes ./probes
COPY monitor ./monitor
COPY migrations ./migrations
# hatchling comes from the same hashed lock
RUN /opt/vigie/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE}
SHELL ["/bin/sh", "-eu", "-c"]
# Versions of Debian packages follow the base image's security updates on purpose.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      chromium-headless-shell fonts-liberation fonts-noto-color-emoji \
      libatomic1 libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 openssl tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --home-dir /var/lib/vigie vigie
COPY --from=build /opt/vigie /opt/vigie
ENV PATH=/opt/vigie/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    VIGIE_METRICS__HOST=0.0.0.0 \
    VIGIE_BROWSER__SANDBOX=true
USER 10001
WORKDIR /var/lib/vigie
VOLUME ["/var/lib/vigie"]
EXPOSE 9808
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9808/healthz', timeout=4)"]
ENTRYPOINT ["tini", "--", "vigie"]
CMD ["run"]
