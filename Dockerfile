# The whole dashboard in one container, or one of its processes in each (compose.yaml).
# Only /data and /tmp are written, so the root file system may be read-only.
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY requirements/build.txt requirements/
RUN python -m pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY . .
RUN python -m pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.13-slim-bookworm
ENV PYTHONUNBUFFERED=1
COPY requirements/run.txt /wheels/
RUN python -m pip install --no-cache-dir --require-hashes -r /wheels/run.txt
COPY --from=build /wheels/ /wheels/
RUN python -m pip install --no-cache-dir --no-deps /wheels/*.whl \
    && useradd --uid 10001 --home-dir /data --no-create-home --no-log-init --shell /usr/sbin/nologin switchboard \
    && install --directory --owner switchboard --group switchboard --mode 700 /data
ENV DATA_DIR=/data HOST=0.0.0.0 PORT=8000
WORKDIR /data
VOLUME /data
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s --retries=4 \
    CMD ["python", "-m", "launcher.readiness", "/healthz"]
CMD ["switchboard", "run"]
