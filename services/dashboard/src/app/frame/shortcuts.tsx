import { Modal } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useTo } from '../site-choice.ts';
import { pages } from './pages.ts';

/** How long after `g` the next key still counts. */
const sequenceMs = 1_500;

/** `/` search, `g o` and its like, `?` help. Keys typed into a field, or with Ctrl, Alt or Meta, stay what they are. */
export function useShortcuts(options: { labVisible: boolean; onHelp: () => void; onSearch: () => void }): void {
  const navigate = useNavigate();
  const to = useTo();
  const goAtMs = useRef(Number.NEGATIVE_INFINITY);
  const { labVisible, onHelp, onSearch } = options;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.altKey || event.metaKey || target.closest('input, textarea, select, [contenteditable], [role="dialog"]')) return;
      const now = performance.now();
      if (now - goAtMs.current < sequenceMs) {
        goAtMs.current = Number.NEGATIVE_INFINITY;
        const page = pages.find((each) => each.key === event.key && (each.name !== 'lab' || labVisible));
        if (page) { event.preventDefault(); void navigate(to(page.path)); return; }
      }
      if (event.key === 'g') goAtMs.current = now;
      else if (event.key === '/') { event.preventDefault(); onSearch(); }
      else if (event.key === '?') onHelp();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [labVisible, navigate, onHelp, onSearch, to]);
}

export function ShortcutHelp({ opened, onClose, labVisible }: { opened: boolean; onClose: () => void; labVisible: boolean }) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys.title')} centered size={420} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <dl className="key-list">
        <dt><kbd>/</kbd></dt><dd>{t('keys.search')}</dd>
        {pages.filter((page) => page.name !== 'lab' || labVisible).map((page) => (
          <div key={page.name} style={{ display: 'contents' }}>
            <dt><kbd>g</kbd> <span className="muted small">{t('keys.then')}</span> <kbd>{page.key}</kbd></dt><dd>{t('keys.go', { page: t(`nav.${page.name}`) })}</dd>
          </div>
        ))}
        <dt><kbd>?</kbd></dt><dd>{t('keys.help')}</dd>
        <dt><kbd>Esc</kbd></dt><dd>{t('keys.close')}</dd>
      </dl>
    </Modal>
  );
}
