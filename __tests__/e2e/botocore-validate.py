"""Holds recorded exchanges with AWS APIs to botocore's models, AWS's own description of every request and answer.

Reads JSON on stdin, a list of {operation, request, status, headers, response}; prints a JSON object: `judged`, how many exchanges by
service, and `complaints`, one line for each member that the model does not have, each wrong type, each missing required member, each
value outside of an enumeration or a length, and each error that the operation does not name.
"""

import json
import sys
from urllib.parse import parse_qsl

import botocore.session
from botocore.parsers import create_parser
from botocore.validate import ParamValidator

TARGETS = {
    "AmazonEC2ContainerServiceV20141113": "ecs",
    "AmazonEC2ContainerRegistry_V20150921": "ecr",
    "Logs_20140328": "logs",
    "secretsmanager": "secretsmanager",
}
# Errors that every service may answer: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
COMMON = {
    "AccessDeniedException", "AccessDenied", "ExpiredTokenException", "InternalFailure", "InvalidAction", "InvalidClientTokenId",
    "MissingAuthenticationToken", "RequestExpired", "ServiceUnavailable", "SignatureDoesNotMatch", "ThrottlingException", "Throttling",
    "UnrecognizedClientException", "UnknownOperationException", "ValidationError", "ValidationException",
}
session = botocore.session.get_session()
models = {}


def model_of(service):
    if service not in models:
        models[service] = session.get_service_model(service)
    return models[service]


def problems(value, shape, path):
    """What ParamValidator does not look at: unknown members of answers, enumerations, upper limits."""
    kind = shape.type_name
    if value is None:
        return
    if kind == "structure":
        if not isinstance(value, dict):
            yield f"{path}: {type(value).__name__}, not an object"
            return
        for name, member in value.items():
            if name in shape.members:
                yield from problems(member, shape.members[name], f"{path}.{name}")
            elif not getattr(shape, "is_tagged_union", False) or name != "SDK_UNKNOWN_MEMBER":
                yield f"{path}.{name}: no such member"
        for name in shape.required_members:
            if value.get(name) is None:
                yield f"{path}.{name}: required"
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{path}: {type(value).__name__}, not a list"
            return
        for index, member in enumerate(value):
            yield from problems(member, shape.member, f"{path}[{index}]")
    elif kind == "map":
        for name, member in value.items():
            yield from problems(member, shape.value, f"{path}.{name}")
    elif kind == "string":
        if not isinstance(value, str):
            yield f"{path}: {type(value).__name__}, not a string"
        elif shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is none of {', '.join(shape.enum)}"
    elif kind == "boolean" and not isinstance(value, bool):
        yield f"{path}: {type(value).__name__}, not true or false"
    elif kind in ("integer", "long", "float", "double") and (isinstance(value, bool) or not isinstance(value, (int, float))):
        yield f"{path}: {type(value).__name__}, not a number"
    maximum = shape.metadata.get("max")
    if maximum is not None and isinstance(value, (str, list)) and len(value) > maximum:
        yield f"{path}: longer than {maximum}"


def nested(pairs):
    """The Query protocol's names of members, as one object: PolicyArns.member.1.arn."""
    root = {}
    for name, value in pairs:
        *way, last = name.split(".")
        node = root
        for step in way:
            node = node.setdefault(step, {})
        node[last] = value
    return listed(root)


def listed(node):
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"}:
        return [listed(one) for one in node["member"].values()]
    return {name: listed(one) for name, one in node.items()}


def typed(value, shape):
    """The Query protocol has texts only."""
    if shape.type_name == "structure":
        return {n: typed(v, shape.members[n]) if n in shape.members else v for n, v in value.items()}
    if shape.type_name == "list":
        return [typed(one, shape.member) for one in value]
    return int(value) if shape.type_name in ("integer", "long") else value


def judge(exchange):
    prefix, _, name = exchange["operation"].rpartition(".")
    service = TARGETS.get(prefix) or ("sts" if prefix == "" and not exchange["operation"].startswith("/") else None)
    if service is None:
        return None, []
    model = model_of(service)
    if name not in model.operation_names:
        return service, [f"{service}: no operation {name}"]
    operation = model.operation_model(name)
    where = f"{service}:{name}"
    found = []
    if operation.input_shape:
        if service == "sts":
            pairs = [pair for pair in parse_qsl(exchange["request"]) if pair[0] not in ("Action", "Version")]
            sent = typed(nested(pairs), operation.input_shape)
        else:
            sent = json.loads(exchange["request"] or "{}")
        found += [f"{where} request{one}" for one in problems(sent, operation.input_shape, "")]
        report = ParamValidator().validate(sent, operation.input_shape)
        found += [f"{where} request: {line}" for line in report.generate_report().splitlines()]
    found += [f"{where} answer{one}" for one in answer_problems(exchange, service, operation)]
    return service, found


def answer_problems(exchange, service, operation):
    parser = create_parser(operation.service_model.metadata["protocol"])
    raw = {"status_code": exchange["status"], "headers": exchange["headers"], "body": exchange["response"].encode()}
    parsed = parser.parse(raw, operation.output_shape)
    if not parsed.get("ResponseMetadata", {}).get("RequestId"):
        yield ": no request id"
    if exchange["status"] >= 300:
        code = parsed.get("Error", {}).get("Code")
        named = {shape.name for shape in operation.error_shapes} | {shape.metadata.get("error", {}).get("code") for shape in operation.error_shapes}
        if code not in named | COMMON:
            yield f": error {code}, which the operation does not have"
    elif service == "sts":
        body = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        if not body:
            yield ": nothing in it"
    elif operation.output_shape:
        yield from problems(json.loads(exchange["response"]), operation.output_shape, "")


judged, complaints = {}, []
for one in json.load(sys.stdin):
    service, found = judge(one)
    if service:
        judged[service] = judged.get(service, 0) + 1
    complaints += found
print(json.dumps({"judged": judged, "complaints": sorted(set(complaints))}))
