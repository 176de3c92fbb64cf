/** The dialog for files that somebody chose or dropped: that of one file, or that of several. */

import DropDialog from "./drop";
import ImportDialog from "./import";
import { endImport, type Import } from "./importing";

/** A larger file does not go in one request. */
const LARGE_BYTES = 8 * 1024 * 1024;

export default function Imports({ picked: { files, picked } }: { picked: Import }) {
  const [file] = files;
  if (files.length === 1 && file && file.size <= LARGE_BYTES) return <ImportDialog file={file} onClose={endImport} />;
  return <DropDialog picked={picked} onClose={endImport} />;
}
