# One image for the API, the migrations and the sample codes: `serve` (the default), `migrate`, `load`.
# The virtual environment is made in the first stage and copied: the last has no pip, no cache and no compiler.

FROM python:3.13-slim AS build
# hadolint ignore=DL3008
RUN apt-get update -q && apt-get install -q -y --no-install-recommends binutils
RUN python3 -m venv --without-pip /opt/superbill
COPY requirements.txt /tmp/
# Bytecode is written here, since the file system is read-only where the image runs. Wheels carry debugging symbols and
# tests, a third of their size; auditwheel's own libraries (*.libs) do not survive strip.
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m pip --python /opt/superbill/bin/python --disable-pip-version-check \
        install --no-deps --only-binary :all: --require-hashes --requirement /tmp/requirements.txt \
 && find /opt/superbill -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} + \
 && find /opt/superbill -depth -name tests -type d -exec rm -r {} + \
 && /opt/superbill/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/superbill
WORKDIR /srv
COPY api api
COPY schema schema
RUN /opt/superbill/bin/python -m compileall -q --invalidation-mode unchecked-hash api

# What the last has of Python packages is listed in a stage of its own, which leaves nothing but the list.
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
COPY --from=build /opt/superbill /opt/superbill
COPY --from=build /srv /srv
COPY --from=sbom /srv/sbom.cdx.json /srv/
LABEL sbom=/srv/sbom.cdx.json
WORKDIR /srv
# LOGNAME: yoyo records who migrated, and a container's user has no name.
# HOST: inside a container, who can reach it is for its network to say.
ENV PATH=/opt/superbill/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LOGNAME=superbill HOST=0.0.0.0
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["python", "-m", "api"]
CMD ["serve"]
