import { Component, type ReactNode } from 'react';
import { TEXT } from './text.ts';
import { Button } from './ui/button.tsx';
import { Empty } from './ui/notice.tsx';

/** What is left where something broke unforeseen. */
export class CrashBoundary extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    if (!this.state.crashed) return this.props.children;
    return (
      <main>
        <Empty {...TEXT.problems.crash}>
          <Button look="primary" onClick={() => location.reload()}>
            {TEXT.ui.reload}
          </Button>
        </Empty>
      </main>
    );
  }
}
