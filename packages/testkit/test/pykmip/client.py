"""The client of PyKMIP, told what to do on standard input: a JSON document a line in, what came of it a line out."""

import json
import logging
import sys
import warnings

# Debian's Python says of each connection that ssl.wrap_socket is old.
warnings.simplefilter("ignore")

from kmip.core import enums, objects, primitives  # noqa: E402
from kmip.core.attributes import CryptographicParameters  # noqa: E402
from kmip.core.factories.attributes import AttributeFactory  # noqa: E402
from kmip.core.messages import messages, payloads  # noqa: E402
from kmip.core.messages.contents import Operation, ProtocolVersion  # noqa: E402
from kmip.pie import objects as pie  # noqa: E402
from kmip.pie.client import ProxyKmipClient  # noqa: E402
from kmip.pie.exceptions import KmipOperationFailure  # noqa: E402

said = []
received = []


class Hearing(logging.Handler):
    """Keeps what PyKMIP logs for the answer that is under way."""

    def emit(self, record):
        said.append(f"{record.levelname} {record.getMessage()}")


logging.getLogger().addHandler(Hearing(level=logging.INFO))


def enumeration(kind, name):
    return None if name is None else getattr(enums, kind)[name]


def masks(names):
    return None if names is None else [enums.CryptographicUsageMask[name] for name in names]


PARAMETERS = {
    "block_cipher_mode": "BlockCipherMode",
    "padding_method": "PaddingMethod",
    "hashing_algorithm": "HashingAlgorithm",
    "cryptographic_algorithm": "CryptographicAlgorithm",
    "digital_signature_algorithm": "DigitalSignatureAlgorithm",
}


def parameters(given):
    if given is None:
        return None
    return {
        name: enumeration(PARAMETERS[name], value) if name in PARAMETERS else value
        for name, value in given.items()
    }


ATTRIBUTE_ENUMERATIONS = {
    "Object Type": "ObjectType",
    "Cryptographic Algorithm": "CryptographicAlgorithm",
    "State": "State",
}


def attribute(name, value, index=None):
    if name in ATTRIBUTE_ENUMERATIONS:
        value = enumeration(ATTRIBUTE_ENUMERATIONS[name], value)
    elif name == "Cryptographic Usage Mask":
        value = masks(value)
    known = {kind.value: kind for kind in enums.AttributeType}
    return AttributeFactory().create_attribute(known.get(name, name), value, index)


def wrapping(given):
    if given is None:
        return None
    key = given.get("key")
    return {
        "wrapping_method": enums.WrappingMethod.ENCRYPT,
        "encryption_key_information": {
            "unique_identifier": key,
            "cryptographic_parameters": {"block_cipher_mode": enums.BlockCipherMode.NIST_KEY_WRAP},
        },
        "encoding_option": enumeration("EncodingOption", given.get("encoding")),
    }


def plain(value):
    """A value of PyKMIP as JSON has it: enumerations by name, bytes as hexadecimal digits."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if one not in (None, {}, [])}
    if hasattr(value, "name") and hasattr(value, "value") and not isinstance(value, primitives.Base):
        return value.name
    if isinstance(value, objects.Attribute):
        index = value.attribute_index
        shown = {"name": value.attribute_name.value, "value": plain(value.attribute_value)}
        return shown if index is None else {**shown, "index": index.value}
    if isinstance(value, ProtocolVersion):
        return f"{value.major}.{value.minor}"
    if hasattr(value, "name_value"):
        return value.name_value.value
    if hasattr(value, "digest_value"):
        return [plain(one) for one in (value.hashing_algorithm, value.digest_value, value.key_format_type)]
    if hasattr(value, "value") and not isinstance(value, primitives.Struct):
        return plain(value.value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)


def managed(made):
    """What Get gives, as JSON."""
    shown = {"type": made.object_type.name, "value": made.value.hex()}
    if isinstance(made, pie.SymmetricKey):
        shown.update(
            algorithm=made.cryptographic_algorithm.name,
            length=made.cryptographic_length,
            format=made.key_format_type.name,
            wrapping=plain(made.key_wrapping_data),
        )
    elif isinstance(made, (pie.PublicKey, pie.PrivateKey)):
        shown.update(
            algorithm=made.cryptographic_algorithm.name,
            length=made.cryptographic_length,
            format=made.key_format_type.name,
        )
    elif isinstance(made, pie.SecretData):
        shown.update(kind=made.data_type.name)
    elif isinstance(made, pie.OpaqueObject):
        shown.update(kind=made.opaque_type.name)
    return shown


def new_object(type, value, name=None, algorithm=None, mask=None, kind=None, length=None, format=None):
    value = bytes.fromhex(value)
    if type in ("PUBLIC_KEY", "PRIVATE_KEY"):
        half = pie.PublicKey if type == "PUBLIC_KEY" else pie.PrivateKey
        algorithm, format = enums.CryptographicAlgorithm[algorithm], enums.KeyFormatType[format]
        return half(algorithm, length, value, format, masks=masks(mask), name=name)
    if type == "SYMMETRIC_KEY":
        algorithm = enums.CryptographicAlgorithm[algorithm]
        return pie.SymmetricKey(algorithm, len(value) * 8, value, masks=masks(mask), name=name)
    if type == "SECRET_DATA":
        return pie.SecretData(value, enums.SecretDataType[kind], masks=masks(mask), name=name)
    return pie.OpaqueObject(value, enums.OpaqueDataType[kind], name=name)


class Told:
    """One method for each thing that a client may be told to do."""

    def __init__(self):
        self.clients = {}

    def open(self, client, version, config):
        version = enums.KMIPVersion[f"KMIP_{version.replace('.', '_')}"]
        opened = ProxyKmipClient(config_file=config, kmip_version=version)
        opened.open()
        read = opened.proxy.protocol.read

        def reading():
            data = read()
            received.append(bytes(data.buffer).hex())
            return data

        opened.proxy.protocol.read = reading
        self.clients[client] = opened
        return opened.proxy.socket.version()

    def close(self, client):
        self.clients.pop(client).close()

    def create(self, client, algorithm, length, name=None, mask=None, policy=None):
        algorithm = enums.CryptographicAlgorithm[algorithm]
        return self.clients[client].create(
            algorithm, length, operation_policy_name=policy, name=name, cryptographic_usage_mask=masks(mask)
        )

    def register(self, client, **made):
        return self.clients[client].register(new_object(**made))

    def get(self, client, uid, wrap=None):
        return managed(self.clients[client].get(uid, key_wrapping_specification=wrapping(wrap)))

    def locate(self, client, attributes=(), maximum=None, offset=None):
        wanted = [attribute(*one) for one in attributes]
        return self.clients[client].locate(maximum_items=maximum, offset_items=offset, attributes=wanted)

    def get_attributes(self, client, uid, names=None):
        _, found = self.clients[client].get_attributes(uid, names)
        return plain(found)

    def get_attribute_list(self, client, uid):
        return self.clients[client].get_attribute_list(uid)

    def modify_attribute(self, client, uid, name, value, index=None):
        return plain(self.clients[client].modify_attribute(uid, attribute=attribute(name, value, index)))

    def delete_attribute(self, client, uid, name, index=None):
        return plain(self.clients[client].delete_attribute(uid, attribute_name=name, attribute_index=index))

    def activate(self, client, uid):
        return self.clients[client].activate(uid)

    def revoke(self, client, uid, reason, message=None, occurred=None):
        reason = enums.RevocationReasonCode[reason]
        return self.clients[client].revoke(reason, uid, message, occurred)

    def destroy(self, client, uid):
        return self.clients[client].destroy(uid)

    def check(self, client, uid, mask=None):
        return self.clients[client].check(uid, cryptographic_usage_mask=masks(mask))

    def rekey(self, client, uid, offset=None):
        return self.clients[client].rekey(uid, offset=offset)

    def encrypt(self, client, uid, data, parameters=None, iv=None):
        return self.__crypt("encrypt", client, uid, data, parameters, iv)

    def decrypt(self, client, uid, data, parameters=None, iv=None):
        return self.__crypt("decrypt", client, uid, data, parameters, iv)

    def __crypt(self, way, client, uid, data, given, iv):
        iv = None if iv is None else bytes.fromhex(iv)
        call = getattr(self.clients[client], way)
        return plain(
            call(bytes.fromhex(data), uid=uid, cryptographic_parameters=parameters(given), iv_counter_nonce=iv)
        )

    def seal(self, client, uid, data, authenticated):
        """Encrypts with AES in Galois/Counter Mode: the pie client has no place for the tag, its messages do."""
        kind = payloads.EncryptRequestPayload
        return self.__authenticated(client, kind, enums.Operation.ENCRYPT, uid, data, authenticated)

    def unseal(self, client, uid, data, authenticated, iv, tag):
        more = {"iv_counter_nonce": bytes.fromhex(iv), "auth_tag": bytes.fromhex(tag)}
        kind = payloads.DecryptRequestPayload
        return self.__authenticated(client, kind, enums.Operation.DECRYPT, uid, data, authenticated, **more)

    def __authenticated(self, client, kind, operation, uid, data, authenticated, **more):
        payload = kind(
            unique_identifier=uid,
            data=bytes.fromhex(data),
            auth_additional_data=bytes.fromhex(authenticated),
            cryptographic_parameters=CryptographicParameters(
                block_cipher_mode=enums.BlockCipherMode.GCM, tag_length=16
            ),
            **more,
        )
        proxy = self.clients[client].proxy
        item = messages.RequestBatchItem(operation=Operation(operation), request_payload=payload)
        answer = proxy._send_and_receive_message(proxy._build_request_message(None, [item])).batch_items[0]
        status = answer.result_status.value
        if status != enums.ResultStatus.SUCCESS:
            raise KmipOperationFailure(status, answer.result_reason.value, answer.result_message.value)
        came = answer.response_payload
        return plain([getattr(came, name, None) for name in ("data", "iv_counter_nonce", "auth_tag")])

    def mac(self, client, uid, data, algorithm=None):
        algorithm = enumeration("CryptographicAlgorithm", algorithm)
        return plain(self.clients[client].mac(bytes.fromhex(data), uid, algorithm))

    def create_key_pair(self, client, algorithm="RSA", length=2048, names=(None, None), mask=(None, None)):
        public_name, private_name = names
        public_mask, private_mask = mask
        return self.clients[client].create_key_pair(
            enums.CryptographicAlgorithm[algorithm],
            length,
            public_name=public_name,
            public_usage_mask=masks(public_mask),
            private_name=private_name,
            private_usage_mask=masks(private_mask),
        )

    def derive_key(self, client, type, uids, method, algorithm=None, length=None, **given):
        derivation = {name: bytes.fromhex(value) if isinstance(value, str) else value for name, value in given.items()}
        derivation["cryptographic_parameters"] = parameters(given.get("cryptographic_parameters"))
        return self.clients[client].derive_key(
            enums.ObjectType[type],
            uids,
            enums.DerivationMethod[method],
            derivation,
            cryptographic_algorithm=enumeration("CryptographicAlgorithm", algorithm),
            cryptographic_length=length,
        )

    def sign(self, client, uid, data, given):
        return plain(self.clients[client].sign(bytes.fromhex(data), uid, parameters(given)))

    def signature_verify(self, client, uid, data, signature, given):
        call = self.clients[client].signature_verify
        return plain(call(bytes.fromhex(data), bytes.fromhex(signature), uid, parameters(given)))

    def query(self, client, functions):
        functions = [enums.QueryFunction[name] for name in functions]
        result = self.clients[client].proxy.query(query_functions=functions)
        return {
            "status": result.result_status.value.name,
            "operations": sorted(plain(result.operations)),
            "objects": sorted(plain(result.object_types)),
            "vendor": plain(result.vendor_identification),
        }

    def discover_versions(self, client, offered=None):
        offered = None if offered is None else [ProtocolVersion(*one) for one in offered]
        result = self.clients[client].proxy.discover_versions(protocol_versions=offered)
        return {"status": result.result_status.value.name, "versions": plain(result.protocol_versions)}


def main():
    told = Told()
    for line in sys.stdin:
        wanted = json.loads(line)
        try:
            came = {"result": getattr(told, wanted.pop("do"))(**wanted)}
        except KmipOperationFailure as failure:
            reason, status = failure.reason.name, failure.status.name
            came = {"failure": {"text": str(failure), "reason": reason, "status": status}}
        except Exception as error:
            came = {"error": {"kind": type(error).__name__, "text": str(error)}}
        print(json.dumps({**came, "said": said, "received": received}), flush=True)
        said.clear()
        received.clear()


main()
