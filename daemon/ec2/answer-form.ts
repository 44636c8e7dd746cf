// Whether what answered is EC2 at all: the login page of a hotel's network and the error page of a proxy are read by the SDK as
// answers in which every list is empty. Pure.

/** An error named as `sortAwsError` knows it, for an answer of that status and content type; undefined for EC2's own. */
export function foreignAnswer(status: number, contentType: string | undefined): Error | undefined {
  const [type = ''] = (contentType ?? '').toLowerCase().split(';');
  // EC2 answers text/xml, other services application/json or xml, and some errors have no type at all.
  if (status !== 407 && !/^(text\/html|text\/plain|application\/xhtml\+xml)$/.test(type.trim()))
    return undefined;
  const what = type === '' ? '' : `, ${type.trim().slice(0, 40)}`;
  return Object.assign(new Error(`something else than AWS answered (HTTP ${status}${what})`), {
    name: 'NotAnAwsAnswer',
    $metadata: { httpStatusCode: status },
  });
}
