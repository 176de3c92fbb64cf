export default function Strength() {
  return null;
}
