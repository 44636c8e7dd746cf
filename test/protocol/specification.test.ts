// The specification: every kind of mistake with its place.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { everyFieldAsYaml } from './original-document.ts';
import { problemsOf, told } from './parsing.ts';

const noComments = 'PLACE : JSON has no comments: leave it out, or write YAML, where they begin with "#"';

suite('mistakes', () => {
  const changes: readonly (readonly [
    title: string,
    from: string,
    to: string,
    expected: readonly string[],
  ])[] = [
    [
      'a field with a typing error',
      '  image_id: ami-1',
      '  imageid: ami-1',
      ['3:3 spot_instance.imageid: unknown field; did you mean "image_id"?'],
    ],
    [
      'a wrong direction',
      '- direction: out',
      '- direction: outbound',
      ['24:16 channels[0].direction: must be one of "in", "out"'],
    ],
    [
      'a direction of another type',
      '- direction: out',
      '- direction: [out]',
      ['24:16 channels[0].direction: must be one of "in", "out"'],
    ],
    [
      'a number where a text belongs',
      'key_pair_name: my key',
      'key_pair_name: 7',
      ['4:18 spot_instance.key_pair_name: must be a string: put it in quotes (name of the EC2 key pair)'],
    ],
    [
      'a field without a value',
      'key_pair_name: my key',
      'key_pair_name:',
      ['4:17 spot_instance.key_pair_name: has no value; it must be a string (name of the EC2 key pair)'],
    ],
    [
      'an option in the place of a type',
      'instance_type: p2.xlarge',
      'instance_type: --all',
      [
        '2:18 spot_instance.instance_type: must be a family, a dot and a size, in small letters (EC2 instance type, for example g5.xlarge)',
      ],
    ],
    [
      'a text where a number belongs',
      '    delay: 0.5',
      '    delay: soon',
      ['28:12 channels[0].delay: must be a number (seconds between two attempts; default 1)'],
    ],
    [
      "YAML 1.1's yes",
      '    recursive: true',
      '    recursive: yes',
      ['27:16 channels[0].recursive: must be true or false (descend into folders; default false)'],
    ],
    [
      'a negative delay',
      '    delay: 0.5',
      '    delay: -1',
      ['28:12 channels[0].delay: must be from 0 to 86400 (seconds between two attempts; default 1)'],
    ],
    [
      'an empty path',
      '    local_path: src/',
      '    local_path: ""',
      [
        '25:17 channels[0].local_path: must not be empty (path here; a trailing slash means what it means to rsync)',
      ],
    ],
    [
      'a role that is no ARN',
      'arn:aws:iam::123456789012:role/fleet',
      'fleet',
      [
        '17:19 spot_fleet.iam_fleet_role: must be an ARN such as arn:aws:iam::123456789012:role/NAME (the spot fleet role)',
      ],
    ],
    [
      'a relative mount point',
      '    mount_point: /home/ubuntu/workspace',
      '    mount_point: workspace',
      [
        '22:18 persistent_volumes[0].mount_point: must be an absolute path, which begins with "/" and has no control characters (folder on the instance)',
      ],
    ],
    [
      'a mount point that leads elsewhere',
      '    mount_point: /home/ubuntu/workspace',
      '    mount_point: /home/../etc',
      ['22:18 persistent_volumes[0].mount_point: /home/../etc must not have "." or ".." in it'],
    ],
    [
      'packages without an environment',
      '  python_virtual_env: /home/ubuntu/env\n',
      '',
      ['13:5 spot_instance.extra_python_packages: needs "python_virtual_env": where should the packages go?'],
    ],
    [
      'a field twice',
      '  image_id: ami-1',
      '  image_id: ami-1\n  image_id: ami-2',
      ['4:3 spot_instance.image_id: is already in line 3; keep one of the two'],
    ],
    [
      'an id of something else',
      'image_id: ami-1',
      'image_id: vol-1',
      [
        '3:13 spot_instance.image_id: must be an id: ami- and hexadecimal digits (Id of the machine image, ami-…)',
      ],
    ],
    [
      'options in the place of names',
      '  remote_user: ubuntu',
      '  remote_user: -oProxyCommand=x',
      [
        "11:16 spot_instance.remote_user: must be letters, digits, dots, underscores and dashes, beginning with a letter or an underscore (the image's default user)",
      ],
    ],
    [
      'a NUL',
      'python_virtual_env: /home/ubuntu/env',
      'python_virtual_env: "my\\0env"',
      ['12:23 spot_instance.python_virtual_env: must not contain a NUL character'],
    ],
    [
      'a name that EC2 has for no key pair',
      'key_pair_name: my key',
      'key_pair_name: "my\\nkey"',
      [
        '4:18 spot_instance.key_pair_name: must be the name of a key pair: printable ASCII, without spaces at its ends (name of the EC2 key pair)',
      ],
    ],
    [
      'a line break in a mount point',
      'mount_point: /home/ubuntu/workspace',
      'mount_point: "/data\\n/dev/xvda / ext4"',
      [
        '22:18 persistent_volumes[0].mount_point: must be an absolute path, which begins with "/" and has no control characters (folder on the instance)',
      ],
    ],
    ['a tab', '  image_id', '\timage_id', ['3:1 : tabs are not allowed as indentation; use spaces']],
    [
      'a Region for a zone',
      'availability_zone: us-east-1a',
      'availability_zone: us-east-1',
      [
        '7:22 spot_instance.availability_zone: us-east-1 is a Region; name one of its zones, such as us-east-1a',
      ],
    ],
  ];
  for (const [title, from, to, expected] of changes) {
    test(title, () => {
      assert.ok(everyFieldAsYaml.includes(from), `the document has no ${from}`);
      assert.deepEqual(told(everyFieldAsYaml.replace(from, to)), expected);
    });
  }

  const whole: readonly (readonly [title: string, text: string, expected: readonly string[]])[] = [
    ['an empty file', '', ['1:1 : the file is empty']],
    ['only a comment', '# nothing\n', ['1:1 : the file is empty']],
    ['a list', '- 1\n', ['1:1 : must be an object']],
    ['two documents', 'a: 1\n---\nb: 2\n', ['2:1 : a second document begins here; a file holds one']],
    ['an alias', 'a: &x 1\nb: *x\n', ['2:4 : anchors and aliases are not allowed; write the value out']],
    ['a name that is a list', '? [a]\n: b\n', ["1:3 : a field's name must be plain text"]],
    [
      'a field twice in JSON',
      '{"a": [{"b": 1,\n"b": 1}]}',
      ['2:1 a[0].b: is already in line 1; keep one of the two'],
    ],
    ['JSON with a comment', '{\n  // why\n  "a": 1\n}', [noComments.replace('PLACE', '2:3')]],
    [
      'JSON with comments before it',
      '\n// why // so\n/* and */ {"a": 1}',
      [noComments.replace('PLACE', '2:1')],
    ],
    [
      'JSON with a comment behind a value',
      '{"a": "http://x", /* why */ "b": 1}',
      [noComments.replace('PLACE', '1:19')],
    ],
    ['JSON with a comma too many', '{"a": 1,,}', ['1:9 : a comma too many']],
    ['JSON without a comma after a text', '{\n"a": "x"\n"b": 2\n}', ['3:1 : a comma is missing before this']],
    [
      'JSON without commas after numbers',
      '{\n"a": 1\n"b": 2\n"c": 3\n}',
      ['2:6 : a comma is missing after this value', '3:6 : a comma is missing after this value'],
    ],
    ['JSON without its end', '{"a": {"b": 1}', ['1:15 : "}" is missing']],
    ['JSON with the wrong end', '{"a": [1, 2}', ['1:12 : "]" is missing']],
    ['JSON with an end too many', '{"a": 1}}', ['1:9 : "}" too many']],
    ['JSON without a quote', '{"a": "x}', ['1:7 : the text that begins here has no closing "']],
    ['JSON without a colon', '{"a" 1}', ['1:6 : a comma or a colon is missing before this']],
    ['JSON and something more', '{"a": 1} x', ['1:10 : nothing may follow here']],
    [
      'a colon in a text',
      'a: b: c',
      ['1:4 : check the indentation; a text with ": " in it must be in quotes'],
    ],
    [
      'an indentation too deep',
      'a: 1\n  b: 2',
      ['1:4 : check the indentation; a text with ": " in it must be in quotes'],
    ],
    [
      'an indentation too shallow',
      '  a: 1\nb: 2',
      ['2:1 : nothing may follow here; check the indentation and the quotes'],
    ],
    ['a name without a colon', 'a: 1\nb', ['2:1 : a colon is missing: a field is written NAME: VALUE']],
    [
      'a name without a colon, and more',
      'a:\n  b c\n  d: 1',
      ['2:3 : a colon is missing: a field is written NAME: VALUE'],
    ],
    ['a colon without a space', 'a: 1\nb:c', ['2:1 : a space is missing after the colon']],
    ['a colon without a space, and more', 'a:\n  b:c\n  d: 1', ['2:3 : a space is missing after the colon']],
    [
      'a quote that is not closed',
      "a:\n  b: 'x\n  c: 1\n",
      ["2:6 : the text that begins here has no closing '"],
    ],
    ['a text with a mark', 'a: @x', ['1:4 : a text that begins with @ must be in quotes']],
    ['too large', ' '.repeat(300_000), ['1:1 : the file is larger than 262144 characters']],
    [
      'a directive that changes the schema',
      '# old\n%YAML 1.1\n---\nssh_port: 22:22\n',
      [
        '2:1 : a line that begins with "%" would change what the rest means; leave it out: files are read as YAML 1.2',
      ],
    ],
    [
      'tags that mean nothing',
      'a: !Ref x\nb: !!js/function y\n',
      [
        '1:4 : the tag !Ref means nothing here; write the value itself',
        '2:4 : the tag !!js/function means nothing here; write the value itself',
      ],
    ],
    [
      'a no-break space behind a colon',
      'a: 1\nb:\u00a0c',
      ['2:1 : a blank in this line is another sign than a space, such as a no-break space; type it anew'],
    ],
    ['a pattern that looks like a comment', '{a: [/*.tmp]}', told('{a: [x]}')],
  ];
  for (const [title, text, expected] of whole) {
    test(title, () => assert.deepEqual(told(text), expected));
  }

  test('nested without end: one mistake, not an overflow', () => {
    for (const text of ['['.repeat(2900), '{"a":'.repeat(700), `a:\n${'- '.repeat(2900)}`]) {
      assert.match(told(text).join('\n'), /^\d+:\d+ : lists and objects are nested too deeply$/);
    }
  });
});

suite('places', () => {
  test('a fault behind lines that are skipped has its own line', () => {
    const text =
      '{\n  "channels": [\n    {\n      "direction": "in"\n    }\n      "remote_path": "/there/"\n  ]\n}\n';
    for (const { line, column } of problemsOf(text)) {
      const length = text.split('\n')[line - 1]?.length ?? -1;
      assert.ok(column <= length + 1, `${line}:${column} of ${length}`);
    }
  });

  test('a binary name is refused', () => {
    assert.deepEqual(told('!!binary "aGk=": 1\n'), ["1:10 : a field's name must be plain text"]);
  });
});
