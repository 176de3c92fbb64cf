/** The second factor: set up by an app, its recovery codes, switched off. */

import { useQuery } from "@tanstack/react-query";
import { QRCodeSVG } from "qrcode.react";
import { useState } from "react";
import { type Protection, protection } from "../api/account";
import { answer, api, type Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { counted } from "../format/units";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";
import { CodeField } from "./second-factor";
import { Answer } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";

type New = Schemas["NewSecondFactor"];
type Shown = { what: "setup"; factor: New } | { what: "codes"; codes: string[] } | { what: "off" };

export function SecondFactor() {
  const asked = useQuery(protection);
  const [shown, setShown] = useState<Shown>();
  const close = () => setShown(undefined);
  const showCodes = (codes: string[]) => setShown({ what: "codes", codes });
  return (
    <Panel title="Second factor">
      <Answer of={asked} lines={2}>
        {(state) => <State state={state} onShow={setShown} />}
      </Answer>
      {shown?.what === "setup" && <Setup factor={shown.factor} onCodes={showCodes} onClose={close} />}
      {shown?.what === "codes" && <Codes codes={shown.codes} onClose={close} />}
      {shown?.what === "off" && <SwitchOff onClose={close} />}
    </Panel>
  );
}

function State({ state, onShow }: { state: Protection; onShow: (shown: Shown) => void }) {
  async function begin() {
    try {
      onShow({ what: "setup", factor: await answer(api.POST("/v1/auth/second-factor")) });
    } catch (error) {
      sayFailure(error);
    }
  }
  async function makeCodes() {
    try {
      const { recovery_codes } = await answer(api.POST("/v1/auth/second-factor/recovery-codes"));
      await afterWrite();
      onShow({ what: "codes", codes: recovery_codes });
    } catch (error) {
      sayFailure(error);
    }
  }
  if (!state.second_factor)
    return (
      <>
        <p className="small quiet">To log in, you then need your password and a code from an app on your phone.</p>
        <div className="row">
          <Button onPress={() => begin()}>Switch on</Button>
        </div>
      </>
    );
  return (
    <>
      <p className="small quiet">
        On. {counted(state.recovery_codes_left, "recovery code")} left, for when you have lost your phone.
      </p>
      <div className="row">
        <Button onPress={() => makeCodes()}>New recovery codes</Button>
        <Button look="danger" onPress={() => onShow({ what: "off" })}>
          Switch off
        </Button>
      </div>
    </>
  );
}

function Setup({ factor, onCodes, onClose }: { factor: New; onCodes: (codes: string[]) => void; onClose: () => void }) {
  const form = useSubmit(async ({ second_factor = "" }) => {
    const { recovery_codes } = await answer(api.POST("/v1/auth/second-factor/confirm", { body: { second_factor } }));
    await afterWrite();
    onCodes(recovery_codes);
  });
  return (
    <Dialog title="Switch the second factor on" onClose={onClose}>
      <p className="quiet">Scan this with an app for one-time codes, or type the key into it.</p>
      <QRCodeSVG value={factor.uri} size={176} marginSize={2} title="QR code of the key" className="qr" />
      <TextField label="Key" value={factor.secret} isReadOnly />
      <SubmitForm form={form} name="Switch on" onCancel={onClose}>
        <CodeField hint="What your app shows now." />
      </SubmitForm>
    </Dialog>
  );
}

function Codes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  return (
    <Dialog title="Keep your recovery codes" onClose={onClose} mustAnswer>
      <p className="quiet">
        Each is good for one login without your phone. They are shown this once: print them, or keep them with your
        passwords.
      </p>
      <ul className="codes" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="row end">
        {navigator.clipboard && (
          <Button onPress={() => navigator.clipboard.writeText(codes.join("\n")).then(() => say("Codes copied"))}>
            Copy
          </Button>
        )}
        <Button look="primary" onPress={onClose}>
          I have kept them
        </Button>
      </div>
    </Dialog>
  );
}

function SwitchOff({ onClose }: { onClose: () => void }) {
  const form = useSubmit(async ({ second_factor = "" }) => {
    await answer(api.DELETE("/v1/auth/second-factor", { body: { second_factor } }));
    await afterWrite();
    say("Second factor switched off");
    onClose();
  });
  return (
    <Dialog title="Switch the second factor off" onClose={onClose}>
      <SubmitForm form={form} name="Switch off" look="danger" onCancel={onClose}>
        <CodeField />
      </SubmitForm>
    </Dialog>
  );
}
