// The documentation page in headless Chromium: it opens without an error on the console, takes an
// administrator's token by its own button, and sends a request with it by another.

const { chromium } = require("playwright-core");

const { MAILLAGE_URL, ADMINISTRATOR_TOKEN, CHROMIUM } = process.env;
const errors = [];

async function visit(page) {
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("requestfailed", (request) => errors.push(`${request.url()}: ${request.failure()?.errorText}`));

  await page.goto(`${MAILLAGE_URL}/docs`);
  await page.locator("button.authorize").first().click();
  const bearer = page.locator(".auth-container", { hasText: "bearer" });
  await bearer.locator("input").fill(ADMINISTRATOR_TOKEN);
  await bearer.getByRole("button", { name: "Apply credentials" }).click();
  await page.getByRole("button", { name: "Close" }).first().click();

  const operation = page.locator("#operations-access-read_me");
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Try it out" }).click();
  await operation.getByRole("button", { name: "Execute" }).click();
  const answer = operation.locator(".live-responses-table");
  const status = await answer.locator("tbody .response-col_status").first().innerText();
  const body = await answer.locator(".highlight-code").first().innerText();
  if (status.trim() !== "200" || !body.includes('"administrator"')) errors.push(`GET /v1/me: ${status} ${body}`);
}

(async () => {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  try {
    await visit(page);
  } catch (error) {
    errors.push(error.message);
  }
  await browser.close();
  errors.forEach((error) => console.error(error));
  if (errors.length > 0) process.exit(1);
  console.log("the documentation page opens cleanly and sent GET /v1/me with a token: 200");
})();
