"""Feeds event records, one JSON object a line, to pycadf's own classes; prints a line for each: ok, or what it refused."""
import json
import sys
import warnings

from pycadf import attachment, credential, endpoint, event, host, reason, reporterstep, resource

# pycadf warns about every identifier that is not a UUID; cloud resource names never are.
warnings.simplefilter('ignore')

HOST = ('id', 'address', 'agent', 'platform')
REASON = ('reasonType', 'reasonCode', 'policyType', 'policyId')


def only(members, names):
    """The members there are of these names, as keyword arguments; missing ones keep pycadf's default."""
    return {name: members[name] for name in names if name in members}


def make_attachment(members):
    return attachment.Attachment(**only(members, ('typeURI', 'content', 'name')))


def make_resource(members):
    names = ('id', 'typeURI', 'name', 'ref', 'domain', 'geolocationId')
    parts = only(members, names)
    # The constructor would make up an id, and a type, where there is none.
    if 'id' not in members or 'typeURI' not in members:
        raise ValueError('a resource without id or typeURI')
    if 'host' in members:
        parts['host'] = host.Host(**only(members['host'], HOST))
    if 'credential' in members:
        parts['credential'] = credential.Credential(**only(members['credential'], ('token', 'type')))
    made = resource.Resource(**parts)
    for one in members.get('addresses', []):
        made.add_address(endpoint.Endpoint(**only(one, ('url', 'name', 'port'))))
    for one in members.get('attachments', []):
        made.add_attachment(make_attachment(one))
    if not made.is_valid():
        raise ValueError('resource.is_valid() is false')
    return made


def make_event(record):
    names = ('eventType', 'id', 'eventTime', 'action', 'outcome', 'initiatorId', 'targetId', 'observerId', 'severity', 'name')
    for name in ('typeURI', 'eventType', 'id', 'eventTime', 'action', 'outcome'):
        if name not in record:
            raise ValueError('no ' + name)
    if record['typeURI'] != event.TYPE_URI_EVENT:
        raise ValueError('another typeURI')
    parts = only(record, names)
    for role in ('initiator', 'target', 'observer'):
        if role in record:
            parts[role] = make_resource(record[role])
    if 'reason' in record:
        parts['reason'] = reason.Reason(**only(record['reason'], REASON))
    made = event.Event(**parts)
    for tag in record.get('tags', []):
        made.add_tag(tag)
    for one in record.get('attachments', []):
        made.add_attachment(make_attachment(one))
    for step in record.get('reporterchain', []):
        parts = only(step, ('role', 'reporterTime', 'reporterId'))
        if 'reporter' in step:
            parts['reporter'] = make_resource(step['reporter'])
        made.add_reporterstep(reporterstep.Reporterstep(**parts))
    return made


def verdict(line):
    try:
        made = make_event(json.loads(line))
        if not made.is_valid():
            return 'event.is_valid() is false'
        made.as_dict()
        return 'ok'
    except Exception as error:  # whatever it says, it is the verdict
        return type(error).__name__ + ': ' + str(error).replace('\n', ' ')


def main():
    for line in sys.stdin:
        print(verdict(line))


if __name__ == '__main__':
    main()
