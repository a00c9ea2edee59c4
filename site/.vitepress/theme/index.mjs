// @ts-check
/**
 * VitePress's theme, with the colours of Postrider, diagrams, and the message of the home page.
 */

import DefaultTheme, { VPFeatures } from "vitepress/theme";
import Diagram from "./Diagram.vue";
import SentAndSeen from "./SentAndSeen.vue";
import "./style.css";

// biome-ignore lint/style/noDefaultExport: VitePress reads it.
export default {
  extends: DefaultTheme,
  /** @param {import("vitepress").EnhanceAppContext} context */
  enhanceApp({ app, router }) {
    app.component("Diagram", Diagram);
    app.component("VPFeatures", VPFeatures);
    app.component("SentAndSeen", SentAndSeen);
    // The home page of the theme has no landmark; every other page has its own.
    if (typeof document === "undefined") return;
    router.onAfterPageLoad = () =>
      setTimeout(() => {
        const content = document.querySelector(".VPContent");
        if (content?.matches(".is-home")) content.setAttribute("role", "main");
        else content?.removeAttribute("role");
      });
  },
};
