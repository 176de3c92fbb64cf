import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { I18nProvider } from "react-aria-components";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { queryClient } from "./api/queries";
import { App } from "./app";
import { useLocationOfPage } from "./components/back";
import { fetchAhead } from "./components/late";
import { applyTheme } from "./preferences";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/overlays.css";
import "./styles/components.css";
import "./styles/shell.css";
import "./styles/print.css";

applyTheme();
fetchAhead();

// Browsers have service workers on HTTPS and on localhost alone.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  void navigator.serviceWorker.register("/dashboard/worker.js", { scope: "/dashboard/" });
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <I18nProvider locale="en-GB">
          <Router base="/dashboard" hook={useLocationOfPage}>
            <App />
          </Router>
        </I18nProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
