"""boto3's transfer against an S3 server, best of three. Run by `cargo bench --bench transfer`.

transfer.py URL FOLDER FILE
"""

import json
import os
import sys
import time

import boto3

url, folder, big = sys.argv[1:4]
client = boto3.client("s3", endpoint_url=url)


def best(work):
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def many():
    for name in sorted(os.listdir(folder)):
        client.upload_file(os.path.join(folder, name), "demo-reports", "boto3/" + name)


print(json.dumps({"many": best(many), "big": best(lambda: client.upload_file(big, "demo-reports", "boto3-big"))}))
