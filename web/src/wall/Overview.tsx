// Wall W1 "Tổng quan": is the flow of dossiers normal now, and if not, where? Mounted once, never unmounted. Ordered by what needs
// somebody: overdue first, volumes as context, then where, then the rest.
import type { JSX } from "preact";
import { words } from "../core/lang";
import { AlertStrip } from "../kit/AlertStrip";
import { Header } from "../kit/Header";
import { SourceStrip } from "../kit/SourceStrip";
import { Ticker } from "../kit/Ticker";
import { AttentionPanel, FlowPanel, MapPanel } from "./panels";
import { DueSoon, InProgress, OnTime, Overdue, Received } from "./headline";
import { Row3 } from "./row3";

export function Overview(): JSX.Element {
  return (
    <main class="wall w1">
      <Header title={words().title} />
      <section class="body">
        <Overdue />
        <DueSoon />
        <Received />
        <InProgress />
        <OnTime />
        <FlowPanel />
        <MapPanel />
        <AttentionPanel />
        <Row3 />
      </section>
      <AlertStrip />
      <Ticker />
      <SourceStrip />
    </main>
  );
}
