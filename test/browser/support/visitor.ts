import assert from 'node:assert/strict';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { collectComplaints } from './complaints.ts';

const PASSWORD = 'correct horse battery';
/** ms. What takes longer does not come. */
const PATIENCE_MS = 15_000;

/** Somebody with a browser of their own, who does by its page what people do. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly username: string;
  readonly #complaints: ReturnType<typeof collectComplaints>;

  private constructor(context: BrowserContext, page: Page, username: string) {
    this.context = context;
    this.page = page;
    this.username = username;
    this.#complaints = collectComplaints(page);
  }

  static async arrive(browser: Browser, url: string, username: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ baseURL: url, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Visitor(context, await context.newPage(), username);
  }

  get email(): string {
    return `${this.username}@example.com`;
  }

  get complaints(): readonly string[] {
    return this.#complaints.list;
  }

  /** Fails on whatever the browser has complained of so far. */
  assertNoComplaints(): void {
    assert.deepEqual(this.#complaints.list, []);
  }

  /** A response of this status is what a test is about. */
  expectStatus(status: number): void {
    this.#complaints.expectStatus(status);
  }

  async signUp(): Promise<void> {
    await this.register();
    await this.page.getByLabel('Username', { exact: true }).fill(this.username);
    await this.page.getByRole('button', { name: 'Start' }).click();
    await this.page.getByRole('heading', { name: 'Home' }).waitFor();
  }

  /** Makes the account, which is then asked for its username. */
  async register(): Promise<void> {
    await this.page.goto('/signup');
    await this.page.getByLabel('Email').fill(this.email);
    await this.page.getByLabel('Password').fill(PASSWORD);
    await this.page.getByRole('button', { name: 'Sign up' }).click();
    await this.page.getByLabel('Username', { exact: true }).waitFor();
  }

  /** Calls the API with this browser's cookie, for what a test is not about. `path` is what follows /api/. */
  ask(method: string, path: string, data?: object) {
    return this.send(method, path, data);
  }

  /** The same with bytes of a type of their own. */
  async send(method: string, path: string, data?: object | Buffer, type = 'application/json') {
    const content = data && { data, headers: { 'Content-Type': type } };
    const response = await this.context.request.fetch(`/api/${path}`, { method, ...content });
    assert.ok(response.ok(), `${method} ${path} is ${response.status()}`);
    return response.status() === 204 ? undefined : response.json();
  }

  async logIn(password = PASSWORD): Promise<void> {
    await this.page.getByLabel('Email').fill(this.email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Log in' }).click();
  }

  async goTo(name: 'Home' | 'Messages' | 'Profile' | 'Settings'): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name }).click();
  }

  async publish(text: string): Promise<void> {
    await this.page.getByLabel('New post').getByRole('textbox').fill(text);
    await this.page.getByRole('button', { name: 'Post', exact: true }).click();
    await this.post(text).waitFor();
  }

  post(text: string) {
    return this.page.getByRole('article').filter({ hasText: text });
  }

  /** Opens the conversation with somebody by way of their profile. */
  async writeTo(username: string): Promise<void> {
    await this.page.goto(`/people/${username}`);
    await this.page.getByRole('link', { name: 'Message', exact: true }).click();
    await this.page.getByRole('textbox', { name: 'Message' }).waitFor();
  }

  async say(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Message' }).fill(text);
    await this.page.keyboard.press('Enter');
  }

  message(text: string) {
    return this.#conversation().getByText(text, { exact: true });
  }

  /** What the conversation shows, from its beginning, whether or not it is sent. */
  messages(): Promise<string[]> {
    return this.#conversation().locator('[class*="bubble"]').allTextContents();
  }

  #conversation() {
    return this.page.getByRole('region', { name: /^Conversation with/ });
  }

  /** As from another tab: what shows is brought up to date without waiting for its time. */
  async comeBack(): Promise<void> {
    await this.page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
  }
}
