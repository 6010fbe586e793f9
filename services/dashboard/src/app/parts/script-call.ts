/** The same deed from a terminal of the platform's machine: the API with a token of the real issuer (DESIGN 6, "What the outside may rely on"). */
export function scriptCall(tenant: string, path: string, body: Record<string, string>): string {
  return `curl -H "authorization: Bearer $(npx csmsctl token --tenant ${tenant} --role admin)" -H 'content-type: application/json' -d '${JSON.stringify(body)}' http://127.0.0.1:8080/api/v1${path}`;
}
