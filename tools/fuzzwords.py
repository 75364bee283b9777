#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Words of the API file as a C table for fuzzers: fuzzwords.py api/openapi.yaml OUT.h

Values of enum and const, and names of properties: what a random string never hits by itself.
"""
import re
import sys

HEAD = '/* Made by tools/fuzzwords.py from the API file. */\n'


def words_of(text: str) -> list[str]:
    words = set(re.findall(r'const: ([a-z_]+)', text))
    for values in re.findall(r'enum: \[([^\]]*)\]', text):
        words.update(re.findall(r'[a-z_0-9]+', values))
    words.update(re.findall(r'^\s+([a-z_]+): +(?:\{|$)', text, re.MULTILINE))
    words.update(re.findall(r'required: \[([^\]]*)\]', text)[0].split(', '))
    return sorted(words - {'true', 'false', 'null'})


def main() -> int:
    with open(sys.argv[1], encoding='utf-8') as api:
        words = words_of(api.read())
    if len(words) < 100:
        print('fuzzwords: the API file looks different from what is expected', file=sys.stderr)
        return 1
    with open(sys.argv[2], 'w', encoding='utf-8') as out:
        out.write(HEAD + 'static const char *const api_words[] = {\n')
        out.writelines(f'\t"{word}",\n' for word in words)
        out.write('};\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
