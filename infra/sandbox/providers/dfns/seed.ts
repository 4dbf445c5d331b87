import type { DfnsDirectory } from './directory.ts';

/** Fills one user with the tokens that a demonstration needs: active, inactive, old, protected, and one with a hostile name. */
export function seedDfns(directory: DfnsDirectory, profile: string): void {
  const rows: readonly (readonly [
    name: string,
    ageDays: number,
    permissions: readonly string[],
    inactive?: 'inactive',
  ])[] = [
    ['ci-deploy', 412, ['WalletAdmin', 'PolicyViewer']],
    ['laptop-anna', 12, ['WalletViewer']],
    ['nightly-reports', 724, ['WalletViewer', 'PolicyViewer']],
    ['<!channel> *bold* <https://evil.example|click>', 31, ['WalletViewer']],
    ['break-glass-payments', 298, ['WalletAdmin', 'PaymentsWriter']],
    ['staging-backfill', 204, ['PaymentsWriter'], 'inactive'],
    ['contractor-2024', 715, ['WalletAdmin'], 'inactive'],
    ['grafana-exporter', 66, ['WalletViewer']],
  ];
  for (const [name, ageDays, permissions, state] of rows) {
    const token = directory.mint({ profile, name, permissions, createdAt: directory.daysAgo(ageDays) });
    if (state !== undefined) token.state = state;
  }
}
