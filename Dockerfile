# Reelseek for compose.yaml: Python, the packages of requirements.txt, the app. No GPU.
FROM python:3.11-slim

RUN useradd --create-home --uid 1000 reelseek \
    && mkdir /data && chown reelseek /data
WORKDIR /app
COPY requirements.txt .
# On Linux plain torch brings gigabytes of CUDA along. Whoever has no GPU names the index of torch's
# CPU builds: docker compose build --build-arg PIP_EXTRA_INDEX_URL=…
ARG PIP_EXTRA_INDEX_URL
RUN pip install --no-cache-dir --prefer-binary -r requirements.txt
COPY --chown=reelseek app.py ./
COPY --chown=reelseek .streamlit .streamlit
COPY --chown=reelseek core core
COPY --chown=reelseek pages pages
USER reelseek
ENV REELSEEK_DATA=/data HOME=/data
EXPOSE 8501
# Every address of the container; which of the host's reach it, compose.yaml says.
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0"]
