import { Menu, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { IconCheck, IconKeyboard, IconLogout, IconUser } from '@tabler/icons-react';
import type { Me } from '@csms/contracts/http/index';
import { useTranslation } from 'react-i18next';
import { chooseLanguage } from '../i18n/i18n.ts';
import { signOut } from '../sign-in/sign-in.ts';

const schemes: { scheme: MantineColorScheme; label: 'top.themeAuto' | 'top.themeLight' | 'top.themeDark' }[] = [
  { scheme: 'auto', label: 'top.themeAuto' }, { scheme: 'light', label: 'top.themeLight' }, { scheme: 'dark', label: 'top.themeDark' },
];
const languages = [['id', 'Bahasa Indonesia'], ['en', 'English']] as const;

export function AccountMenu({ me, onHelp }: { me: Me; onHelp: () => void }) {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const tick = <IconCheck size={16} aria-hidden="true" />;
  return (
    <Menu position="bottom-end" width={248} shadow="sm">
      <Menu.Target><button type="button" className="icon-button" aria-label={t('top.account')}><IconUser size={20} aria-hidden="true" /></button></Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.name ?? me.subject}<br />{[me.tenant === null ? null : t('top.tenant', { tenant: me.tenant }), ...me.roles.slice(-1).map((role) => t(`top.role.${role}`))].filter(Boolean).join(', ')}</Menu.Label>
        <Menu.Divider />
        <Menu.Label>{t('top.language')}</Menu.Label>
        {languages.map(([code, name]) => <Menu.Item key={code} lang={code} aria-current={i18n.language === code} rightSection={i18n.language === code ? tick : null} onClick={() => chooseLanguage(code)}>{name}</Menu.Item>)}
        <Menu.Divider />
        <Menu.Label>{t('top.theme')}</Menu.Label>
        {schemes.map(({ scheme, label }) => <Menu.Item key={scheme} aria-current={colorScheme === scheme} rightSection={colorScheme === scheme ? tick : null} onClick={() => setColorScheme(scheme)}>{t(label)}</Menu.Item>)}
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden="true" />} onClick={onHelp}>{t('top.shortcuts')}</Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden="true" />} onClick={() => void signOut()}>{t('top.signOut')}</Menu.Item>
        {me.impersonation === null && <Menu.Item onClick={() => void signOut({ everywhere: true })}>{t('top.signOutEverywhere')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
