"""A second reader of evidence, written from docs/reference/evidence.md with Python's own library; it checks no signature.

Reads vectors/evidence/evidence.json on standard input; prints "<name> ok" or "<name> bad" for each file.
"""
import base64
import hashlib
import json
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


def subtrees(start, end):
    """Levels of the fewest complete subtrees that are the leaves start to below end."""
    levels = []
    while start < end:
        level = 0
        while start % (2 << level) == 0 and start + (2 << level) <= end:
            level += 1
        levels.append(level)
        start += 1 << level
    return levels


def fold(nodes):
    """The root of (level, hash) pairs from left to right: equal neighbours join, the rest folds from the right."""
    stack = []
    for level, digest in nodes:
        while stack and stack[-1][0] == level:
            digest = sha256(b'\x01' + stack.pop()[1] + digest)
            level += 1
        stack.append((level, digest))
    if not stack:
        return sha256(b'')
    root = stack[-1][1]
    for _, left in reversed(stack[:-1]):
        root = sha256(b'\x01' + left + root)
    return root


def require(condition):
    if not condition:
        raise ValueError


def content(word, data):
    if not word.endswith('64'):
        return data
    decoded = base64.b64decode(data, validate=True)
    require(b'\n' in decoded and base64.b64encode(decoded) == data)
    return decoded


def check(text):
    data = text.encode()
    require(data.endswith(b'\n'))
    lines = data[:-1].split(b'\n')
    require(lines[0] == b'keywitness-evidence/1' and lines[1].startswith(b'query '))
    count, seal = lines[-1].split(b' ')[1:]
    require(lines[-1].startswith(b'end ') and int(count) == len(lines) - 1)
    leaves = [(0, sha256(b'\x00' + line)) for line in lines[:-1]]
    require(fold(leaves) == base64.b64decode(seal))

    note = [line[5:] for line in lines if line.startswith(b'note ')]
    size, root = int(note[1]), base64.b64decode(note[2])
    nodes, at, waiting, due, had = [], 0, [], [], set()

    def bridge(to):
        nonlocal at, waiting
        levels = subtrees(at, to)
        require(to >= at and len(levels) == len(waiting))
        nodes.extend(zip(levels, waiting))
        at, waiting = to, []

    body = [line for line in lines[2:-1] if not line.startswith((b'key ', b'note '))]
    for line in body:
        word, rest = line.split(b' ', 1)
        word = word.decode()
        if word == 'proof':
            require(not waiting and not due)
            waiting = [base64.b64decode(one) for one in rest.split(b' ')]
        elif word in ('entry', 'entry64'):
            require(not due)
            index, leaf, raw = rest.split(b' ', 2)
            entry = content(word, raw)
            require(sha256(b'\x00' + entry) == base64.b64decode(leaf))
            bridge(int(index))
            nodes.append((0, base64.b64decode(leaf)))
            at += 1
            due = [name for name in json.loads(entry).get('names', []) if name not in had]
        elif word in ('attachment', 'attachment64', 'missing'):
            name = rest.split(b' ')[0].decode()
            require(due and due.pop(0) == name and not waiting)
            had.add(name)
            if word != 'missing':
                require(hashlib.sha256(content(word, rest.split(b' ', 1)[1])).hexdigest() == name)
        else:
            require(False)
    require(not due)
    bridge(size)
    require(fold(nodes) == root)


for case in json.load(sys.stdin)['cases']:
    try:
        check(case['evidence'])
        print(case['name'], 'ok')
    except (ValueError, IndexError):
        print(case['name'], 'bad')
