/**
 * Headers of every answer. Styles: Mantine writes two <style> elements of theme variables and its scroll lock one more; they carry the nonce of the
 * answer. Style attributes are set through the DOM, which the policy does not touch. No 'unsafe-inline', no 'unsafe-eval'.
 */
export function securityHeaders(options: { nonce: string; https: boolean }): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'", "script-src 'self'", `style-src 'self' 'nonce-${options.nonce}'`, "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
      "manifest-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    ...(options.https ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  };
}
