# One image with the commands `serve` (the default), `migrate` and `load` (the sample codes).
# The first stage makes the virtual environment; the last one copies it, and has no pip, cache,
# compiler, or program that gives its caller other rights (setuid).

FROM python:3.13-slim AS build
# hadolint ignore=DL3008
RUN apt-get update -q && apt-get install -q -y --no-install-recommends binutils
RUN python3 -m venv --without-pip /opt/superbill
COPY requirements.txt /tmp/
# Bytecode is compiled here, because a container's file system may be read-only. Debugging symbols
# and tests are a third of the wheels' size. `strip` breaks auditwheel's libraries (*.libs), so they
# are excluded.
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m pip --python /opt/superbill/bin/python --disable-pip-version-check \
        install --no-deps --only-binary :all: --require-hashes --requirement /tmp/requirements.txt \
 && find /opt/superbill -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} + \
 && find /opt/superbill -depth -type d \( -name tests -o -path '*/sqlalchemy/testing' -o -path '*/asyncpg/_testbase' \) \
        -exec rm -r {} + \
 && /opt/superbill/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/superbill
WORKDIR /srv
COPY api api
COPY schema schema
RUN /opt/superbill/bin/python -m compileall -q --invalidation-mode unchecked-hash api

# This stage lists the Python packages of the last stage, which copies only the list.
FROM python:3.13-slim AS sbom
RUN python3 -m venv --without-pip /opt/sbom
COPY .ci/sbom /tmp/
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m pip --python /opt/sbom/bin/python --disable-pip-version-check \
        install --no-deps --only-binary :all: --require-hashes --requirement /tmp/requirements.txt
COPY requirements.txt pyproject.toml /srv/
COPY --from=build /opt/superbill /opt/superbill
RUN /opt/sbom/bin/python /tmp/sbom.py /opt/superbill/bin/python /srv/requirements.txt /srv/pyproject.toml >/srv/sbom.cdx.json

FROM python:3.13-slim
RUN rm -rf /usr/local/lib/python3.13/ensurepip /usr/local/lib/python3.13/site-packages/pip* /usr/local/bin/pip* \
 && find / -xdev -type f -perm /6000 -exec chmod ug-s {} +
COPY --from=build /opt/superbill /opt/superbill
COPY --from=build /srv /srv
COPY --from=sbom /srv/sbom.cdx.json /srv/
LABEL sbom=/srv/sbom.cdx.json
WORKDIR /srv
# LOGNAME: yoyo records the user of a migration, and a container's user has no name.
# HOST: listens on all interfaces, because the container's network limits which clients can connect.
ENV PATH=/opt/superbill/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LOGNAME=superbill HOST=0.0.0.0
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["python", "-m", "api"]
CMD ["serve"]
