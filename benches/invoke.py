"""boto3 against a server: one call after the other, then 64 threads. Run by `cargo bench --bench invoke`.

invoke.py URL
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

CALLS, THREADS = 2000, 64
client = boto3.client(
    "dynamodb",
    endpoint_url=sys.argv[1],
    region_name="eu-west-1",
    aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="secret",
    config=Config(max_pool_connections=THREADS),
)


def call(_=None):
    return client.query(
        TableName="t", KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": {"S": "item"}}
    )


assert len(call()["Items"]) == 20
times = []
for _ in range(500):
    begun = time.perf_counter()
    call()
    times.append(time.perf_counter() - begun)
begun = time.perf_counter()
with ThreadPoolExecutor(THREADS) as pool:
    list(pool.map(call, range(CALLS)))
rate = CALLS / (time.perf_counter() - begun)
print(json.dumps({"p50_ms": sorted(times)[len(times) // 2] * 1000, "per_second": rate}))
