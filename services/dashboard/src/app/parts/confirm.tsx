import { Button, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Asks before something that is felt at a car: the title names the target, the text the effect, the button the deed. */
export function Confirm({ opened, title, effect, action, danger = false, busy = false, disabled = false, onConfirm, onClose, children }: {
  opened: boolean; title: string; effect: string; action: string; danger?: boolean; busy?: boolean; disabled?: boolean; onConfirm: () => void; onClose: () => void; children?: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': t('common.close') }} size={460}>
      <div className="stack">
        <p className={danger ? 'notice danger' : 'notice'}>{effect}</p>
        {children}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>{t('common.cancel')}</Button>
          <Button className={danger ? 'danger-button' : undefined} loading={busy} disabled={disabled} onClick={onConfirm} data-autofocus>{action}</Button>
        </Group>
      </div>
    </Modal>
  );
}
