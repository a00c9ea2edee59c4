/**
 * The page of the inbox: starts the app.
 */
import { render } from "preact";
import { App } from "./app.js";
import { OutboxApp } from "./outbox/outbox-app.js";
import { applyTheme, storedTheme } from "./theme.js";

applyTheme(storedTheme());
const place = document.getElementById("app");
if (place !== null) render(/^\/outbox(?:\/|$)/.test(location.pathname) ? <OutboxApp /> : <App />, place);
