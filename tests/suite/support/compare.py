"""Performs the calls of compare.json with boto3 against a moto server, and prints what came back as JSON: blobs as
{"$blob": base64}, timestamps as {"$time": milliseconds}, errors as {"$error": {...}}.

compare.py URL DATA
"""

import base64
import datetime
import json
import sys
import urllib.request

import boto3
import botocore.response
from botocore.config import Config
from botocore.exceptions import ClientError

URL, DATA = sys.argv[1:]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def post(path):
    urllib.request.urlopen(urllib.request.Request(URL + path, method="POST")).read()


def fill(value, done):
    """The parameters of a call: blobs as bytes, `$from` as a value of an earlier answer."""
    if isinstance(value, list):
        return [fill(item, done) for item in value]
    if not isinstance(value, dict):
        return value
    if "$blob" in value:
        return base64.b64decode(value["$blob"])
    if "$from" in value:
        call, path = value["$from"]
        found = done[call]
        for step in path.split("."):
            found = found[int(step) if isinstance(found, list) else step]
        return found
    return {name: fill(item, done) for name, item in value.items()}


def told(value):
    if isinstance(value, botocore.response.StreamingBody):
        value = value.read()
    if isinstance(value, (bytes, bytearray)):
        return {"$blob": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        value = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return {"$time": round((value - EPOCH).total_seconds() * 1000)}
    if isinstance(value, dict):
        return {name: told(item) for name, item in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [told(item) for item in value]
    return value


def run(service, calls):
    post("/moto-api/reset")
    post("/moto-api/seed?a=42")
    config = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False, s3={"addressing_style": "path"})
    client = boto3.client(
        service,
        endpoint_url=URL,
        region_name="us-east-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        config=config,
    )
    done, results = [], []
    for operation, parameters in calls:
        answer = None
        try:
            answer = client._make_api_call(operation, fill(parameters, done))
            result = told(answer)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            fault = error.response["Error"]
            result = {"$error": {"code": fault.get("Code"), "message": fault.get("Message"), "status": status}}
        except Exception as error:
            result = {"$failed": f"{type(error).__name__}: {error}"}
        done.append(answer)
        results.append(result)
    return results


with open(DATA, encoding="utf-8") as file:
    scenarios = json.load(file)
print(json.dumps({service: run(service, calls) for service, calls in scenarios.items()}))
