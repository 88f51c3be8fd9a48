# One image with the commands `serve` (the default), `migrate` and `load` (the sample codes).
# The first stage makes the virtual environment; the last one copies it, and has no pip, cache,
# compiler, or program that gives its caller other rights (setuid).

FROM python:3.13-slim AS build
# hadolint ignore=DL3008
RUN apt-get update -q && apt-get install -q -y --no-install-recommends binutils libpq5
RUN python3 -m venv --without-pip /opt/superbill
COPY requirements.txt /tmp/
# What the program never loads is removed: tests, SQLAlchemy's ORM and other databases' dialects,
# Google's own APIs, compilers, clients of WebSockets, sources of compiled modules, debugging symbols.
# `strip` breaks auditwheel's libraries (*.libs), so they are excluded.
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m pip --python /opt/superbill/bin/python --disable-pip-version-check \
        install --no-deps --no-compile --only-binary :all: --require-hashes --requirement /tmp/requirements.txt \
 && find /opt/superbill -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} + \
 && find /opt/superbill -depth -type d \( -name tests -o -path '*/jsonschema/benchmarks' -o -path '*/asyncpg/_testbase' \
        -o -path '*/sqlalchemy/testing' -o -path '*/sqlalchemy/orm' -o -path '*/sqlalchemy/ext' \
        -o -path '*/sqlalchemy/dialects/m*sql' -o -path '*/sqlalchemy/dialects/oracle' -o -path '*/sqlalchemy/dialects/sqlite' \
        -o -path '*/google/[acglrt]*' -o -path '*/google/protobuf/compiler' -o -name cffi -o -name pycparser \
        -o -path '*/websockets/legacy' -o -path '*/websockets/sync' -o -path '*/websockets/trio' \) \
        -exec rm -r {} + \
 && find /opt/superbill -type f \( -name '*.py[xi]' -o -name '*.px[di]' -o -name '*.[ch]' -o -name 'swagger-ui.js' -o -name '*-preset.js' \) -delete
WORKDIR /srv
COPY api api
COPY schema schema
# Bytecode is compiled here, because a container's file system may be read-only; that of the modules
# which the program loads, because the others are a quarter of it.
RUN PYTHONDONTWRITEBYTECODE=1 /opt/superbill/bin/python -c 'import pkgutil, sys, api, databases.backends.postgres; \
        [__import__(module.name) for module in pkgutil.walk_packages(api.__path__, "api.") if "__main__" not in module.name]; \
        print(*{module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)}, sep="\n")' >/tmp/modules \
 && /opt/superbill/bin/python -m compileall -q --invalidation-mode unchecked-hash -i /tmp/modules

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
# psycopg loads libpq from here: Debian patches it, and its OpenSSL, and the wheel psycopg-binary is
# twice as large.
# hadolint ignore=DL3008
RUN apt-get update -q && apt-get install -q -y --no-install-recommends libpq5 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log \
        /usr/local/lib/python3.13/ensurepip /usr/local/lib/python3.13/site-packages/pip* /usr/local/bin/pip* \
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
