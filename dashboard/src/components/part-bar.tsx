/** How much a row of a table has beside the row with most, as a bar that takes the width of its cell. */
export function PartBar({ share, look }: { share: number; look: "pace" | "heart" }) {
  return (
    <svg className="part" data-look={look} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect width={100 * share} height="10" />
    </svg>
  );
}
