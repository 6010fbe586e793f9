import { Agent, request } from 'undici';

export interface Page { status: number; url: string; location: string | undefined; body: string }

export interface BrowserOptions {
  /** PEM of the authority that signed the certificates of https addresses. */
  trustAnchors: string;
  /** Where the requests of a public host go, such as a Service that no proxy stands before; what is asked keeps the host's name. */
  routes?: Record<string, string>;
}

/** What a person's browser does without a window: cookies, redirections that are followed one by one, a form that is sent. */
export class Browser {
  readonly #agent: Agent;
  readonly #routes: Record<string, string>;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor({ trustAnchors, routes = {} }: BrowserOptions) {
    this.#agent = new Agent({ connect: { ca: trustAnchors } });
    this.#routes = routes;
  }

  async visit(address: string, form?: Record<string, string>, headers: Record<string, string> = {}): Promise<Page> {
    const url = new URL(address);
    const route = this.#routes[url.hostname];
    const jar = this.#jar(url.host);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await request(route === undefined ? url : new URL(url.pathname + url.search, route), {
      dispatcher: this.#agent, method: form === undefined ? 'GET' : 'POST',
      headers: { host: url.host, accept: 'text/html,*/*', ...(cookie === '' ? {} : { cookie }), ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
      ...(form === undefined ? {} : { body: new URLSearchParams(form).toString() }),
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) keep(jar, line);
    const location = answer.headers.location;
    return { status: answer.statusCode, url: url.href, location: typeof location === 'string' ? new URL(location, url).href : undefined, body: await answer.body.text() };
  }

  /** Follows redirections until there is none, or until an address that `stop` knows: that one is not visited. */
  async follow(address: string, stop: (url: string) => boolean = () => false, form?: Record<string, string>): Promise<Page> {
    let page = await this.visit(address, form);
    for (let hops = 0; page.location !== undefined && hops < 12 && !stop(page.location); hops += 1) page = await this.visit(page.location);
    return page;
  }

  /** Fills in the sign-in page of Keycloak and sends it. Throws where the page is none. */
  async signIn(page: Page, person: { username: string; password: string }, stop?: (url: string) => boolean): Promise<Page> {
    const action = /<form[^>]+id="kc-form-login"[^>]*action="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&');
    if (action === undefined) throw new Error(`${page.url} answered ${page.status} and has no form to sign in: ${page.body.slice(0, 300)}`);
    return this.follow(action, stop, { ...person, credentialId: '' });
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  #jar(host: string): Map<string, string> {
    const known = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, known);
    return known;
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
  const ended = value === '' || attributes.some((each) => /^max-age=0$/i.test(each) || /^expires=.*1970/i.test(each));
  if (ended) jar.delete(name); else jar.set(name, value);
}
