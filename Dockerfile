# docker build -t family-tree . && docker run --rm --read-only -p 8000:8000 family-tree
FROM python:3.11-slim

ARG TORCH=torch==2.13.0
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    HOST=0.0.0.0 \
    PORT=8000

RUN useradd --system --create-home --uid 10001 deck
WORKDIR /home/deck/family-tree

# The dependencies are the large layers and change least, so they come first. The pin and the two
# pip calls are those of the Makefile; for a GPU, `--build-arg TORCH_INDEX=` and `--gpus all`.
COPY locks/run.txt locks/run.txt
RUN pip install --quiet --no-deps --require-hashes -r locks/run.txt
RUN pip install --quiet ${TORCH_INDEX:+--extra-index-url ${TORCH_INDEX} --timeout 10 --retries 1} "${TORCH}"

# Owned by the user that reads them: weights may be readable by their owner alone.
COPY --chown=deck:deck LICENSE NOTICE README.md pyproject.toml ./
COPY --chown=deck:deck checkpoints checkpoints
COPY --chown=deck:deck models models
COPY --chown=deck:deck templates templates
COPY --chown=deck:deck static static
COPY --chown=deck:deck app app

# A number, so that an orchestrator sees that it is not root (Kubernetes: runAsNonRoot).
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz', timeout=4)"]
CMD ["python", "-m", "app"]
