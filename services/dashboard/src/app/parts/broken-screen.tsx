import { Component, type ReactNode } from 'react';
import { Card } from './card.tsx';
import { ProblemMessage } from './data-states.tsx';

/** One broken screen (a chunk that did not arrive, a fault of ours) does not take the frame with it: it says so and offers to try again. */
export class BrokenScreen extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };
  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : <Card><ProblemMessage error={error} onRetry={() => window.location.reload()} /></Card>;
  }
}
