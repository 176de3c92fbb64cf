/** What stands in place of figures that need heart-rate values of the profile. */

import { Link } from "wouter";

const NAMES: Record<string, string> = {
  max_heart_rate: "maximum heart rate",
  resting_heart_rate: "resting heart rate",
};

export function Missing({ fields }: { fields: string[] }) {
  return (
    <p className="quiet">
      To work this out, your profile needs your {fields.map((field) => NAMES[field] ?? field).join(" and ")}.{" "}
      <Link href="/settings" className="text-link">
        Add it in Settings
      </Link>
      .
    </p>
  );
}
