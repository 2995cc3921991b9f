// One panel that cannot be drawn must not take the wall with it: it says so with a code, and tries again after thirty seconds.
import { Component, type ComponentChildren, type JSX } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { num } from "../core/fmt";
import { words } from "../core/lang";
import { useWorld } from "./world";

const AGAIN = 30; // seconds

interface Props {
  code: string; // of the error a reader may report: E-<code>
  class: string; // the place of the panel in its grid
  children: ComponentChildren;
}

function Broken({ code, class: place, again }: { code: string; class: string; again: () => void }): JSX.Element {
  const { clock } = useWorld();
  const since = clock.uptime.peek();
  return (
    <section class={`panel broken ${place}`} data-panel={code} data-state="error" role="alert">
      <Countdown code={code} since={since} again={again} />
    </section>
  );
}

function Countdown({ code, since, again }: { code: string; since: number; again: () => void }): JSX.Element {
  const left = since + AGAIN - useWorld().clock.uptime.value;
  useLayoutEffect(() => {
    if (left <= 0) again();
  });
  return <p>{words().broken(`E-${code}`, num(Math.max(0, left)))}</p>;
}

export class Guarded extends Component<Props, { broken: boolean }> {
  override state = { broken: false };

  static override getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render({ code, class: place, children }: Props): ComponentChildren {
    if (!this.state.broken) return children;
    return <Broken code={code} class={place} again={() => this.setState({ broken: false })} />;
  }
}
