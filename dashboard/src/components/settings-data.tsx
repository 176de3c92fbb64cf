/** All data at once: out as an archive, and in again. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FileTrigger } from "react-aria-components";
import { exportAll, importArchive } from "../api/account";
import { askAnew, usage } from "../api/queries";
import { number } from "../format/units";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { download } from "./download";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";
import { Answer, Failure, Loading } from "./states";

export function AllData() {
  const { today } = usePerson();
  const [file, setFile] = useState<File>();
  const exporting = useMutation({
    mutationFn: exportAll,
    onSuccess: (blob) => download(blob, `fitness-${today}.zip`),
    onError: sayFailure,
  });
  return (
    <Panel title="All your data">
      <p className="small quiet">
        A ZIP archive with every record and its history, and CSV files for spreadsheets. An account without data takes
        it in again, here or on another server.
      </p>
      <div className="row">
        <Button isPending={exporting.isPending} onPress={() => exporting.mutate()}>
          Export all data
        </Button>
        <FileTrigger acceptedFileTypes={[".zip"]} onSelect={(files) => setFile(files?.[0])}>
          <Button>Import an archive</Button>
        </FileTrigger>
      </div>
      <Room />
      {file && <ArchiveDialog file={file} onClose={() => setFile(undefined)} />}
    </Panel>
  );
}

const MEGABYTE = 1024 ** 2;

/** What is stored, and what may be. */
function Room() {
  const asked = useQuery(usage);
  return (
    <Answer of={asked} lines={1}>
      {({ versions, most_versions, bytes, most_bytes }) => (
        <p className="small quiet">
          Stored: {outOf(versions, most_versions)} versions of records,{" "}
          {outOf(Math.ceil(bytes / MEGABYTE), most_bytes === null ? null : most_bytes / MEGABYTE)} MB. Every edit is
          kept as a version.
        </p>
      )}
    </Answer>
  );
}

function outOf(used: number, most: number | null): string {
  return most === null ? number(used, 0) : `${number(used, 0)} of ${number(most, 0)}`;
}

function ArchiveDialog({ file, onClose }: { file: File; onClose: () => void }) {
  const preview = useQuery({
    queryKey: ["archive", file.name, file.size, file.lastModified],
    queryFn: () => importArchive(file, true),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const applying = useMutation({
    mutationFn: () => importArchive(file, false),
    onSuccess: async () => {
      await askAnew();
      say(`${file.name} imported`);
      onClose();
    },
    onError: sayFailure,
  });
  return (
    <Dialog title={`Import ${file.name}`} onClose={onClose}>
      {preview.error && <Failure error={preview.error} retry={preview.refetch} />}
      {preview.isPending && <Loading lines={4} />}
      {preview.data && (
        <>
          <p className="quiet">Nothing changes until you apply it. The archive holds:</p>
          <Rows tables={preview.data.tables} />
        </>
      )}
      <div className="row end">
        <Button onPress={onClose}>Cancel</Button>
        <Button
          look="primary"
          isDisabled={!preview.data}
          isPending={applying.isPending}
          onPress={() => applying.mutate()}
        >
          Apply
        </Button>
      </div>
    </Dialog>
  );
}

function Rows({ tables }: { tables: Record<string, number> }) {
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>Kind</th>
          <th className="number">Rows</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(tables)
          .filter(([, count]) => count > 0)
          .map(([name, count]) => (
            <tr key={name}>
              <td>{name.replaceAll("_", " ")}</td>
              <td className="number">{number(count, 0)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
