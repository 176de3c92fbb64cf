/** The pages: a page is a line here and a module in routes/. */

import type { ComponentType } from "react";
import type { IconName } from "./components/icons";
import { late } from "./components/late";

export interface Page {
  path: string;
  name: string;
  icon: IconName;
  /** The second key after `g` that leads there. */
  key: string;
  /** Whether the phone's bar holds it; what does not is under More. */
  bar?: boolean;
  component: ComponentType;
}

export const PAGES: Page[] = [
  { path: "/", name: "Today", icon: "today", key: "t", bar: true, component: late(() => import("./routes/today")) },
  { path: "/log", name: "Log", icon: "log", key: "l", bar: true, component: late(() => import("./routes/log")) },
  {
    path: "/trends",
    name: "Trends",
    icon: "trends",
    key: "r",
    bar: true,
    component: late(() => import("./routes/trends")),
  },
  {
    path: "/strength",
    name: "Strength",
    icon: "strength",
    key: "w",
    component: late(() => import("./routes/strength")),
  },
  { path: "/live", name: "Live", icon: "lift", key: "v", component: late(() => import("./routes/live")) },
  { path: "/plan", name: "Plan", icon: "plan", key: "p", component: late(() => import("./routes/plan")) },
  { path: "/shoes", name: "Shoes", icon: "shoes", key: "s", component: late(() => import("./routes/shoes")) },
  { path: "/inbox", name: "Inbox", icon: "inbox", key: "i", component: late(() => import("./routes/inbox")) },
  {
    path: "/changes",
    name: "Changes",
    icon: "changes",
    key: "c",
    bar: true,
    component: late(() => import("./routes/changes")),
  },
  {
    path: "/settings",
    name: "Settings",
    icon: "settings",
    key: ",",
    component: late(() => import("./routes/settings")),
  },
];

/** Pages that the navigation does not list: a record is reached from where it is shown. */
export const RECORDS = [
  { path: "/runs/:id", name: "Run", component: late(() => import("./routes/run")) },
  { path: "/workouts/:id", name: "Workout", component: late(() => import("./routes/workout")) },
  { path: "/changes/:id", name: "Change", component: late(() => import("./routes/changeset")) },
];
