/** What stands in place of a page that cannot be drawn: the navigation stays, and other pages work. */

import { Component, type ReactNode } from "react";
import { Button } from "./button";
import { PageFrame } from "./page";

interface Props {
  /** Of another page, the failure is forgotten. */
  page: string;
  children: ReactNode;
}

export class Boundary extends Component<Props, { failed?: Error }> {
  override state: { failed?: Error } = {};

  static getDerivedStateFromError(failed: Error) {
    return { failed };
  }

  override componentDidUpdate({ page }: Props) {
    if (page !== this.props.page && this.state.failed) this.setState({ failed: undefined });
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <PageFrame
        title="This page cannot be shown"
        lead="Your data is safe on the server. Load the page anew, or open another one."
      >
        <p className="quiet">{this.state.failed.message}</p>
        <div className="row">
          <Button onPress={() => location.reload()}>Load anew</Button>
        </div>
      </PageFrame>
    );
  }
}
