# LossLens with its weights, for a server without a screen; docs/deploy.md says how to run it.
# About 8 GB, nearly all of it PyTorch's packages: they come first, so that new code is a small layer.
FROM python:3.11.14-slim-trixie

WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

COPY .streamlit .streamlit
COPY checkpoints checkpoints
COPY results results
COPY core core
COPY pages pages
COPY app.py LICENSE ./
# Whoever runs it may not write here: what Python would write at the first start is written now.
RUN python -m compileall -q app.py core pages \
    && useradd --uid 10001 --create-home losslens \
    && install --directory --owner losslens /data

# Inside the container every interface is listened to: `docker run -p` says who reaches it.
# Networks that visitors bring are theirs alone (LOSSLENS_PRIVATE), else they are kept in /data.
ENV PYTHONUNBUFFERED=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none \
    LOSSLENS_HOSTS= \
    LOSSLENS_PRIVATE=1 \
    LOSSLENS_DATA=/data
USER 10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app.py"]
