import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** The one accent: what can be done. Status colours live in styles/status.css and mean status alone. */
const accent: MantineColorsTuple = ['#f1effd', '#ddd8fa', '#c3baf6', '#a99cf2', '#8d7dec', '#7261e4', '#5f4edb', '#5443d3', '#4636b4', '#382b90'];

/** Mantine's greys in the dark, on our ground instead of its own. */
const dark: MantineColorsTuple = ['#e8ebef', '#b2bac6', '#97a1af', '#5c6673', '#3d4652', '#2b323c', '#1d222a', '#171b21', '#12151a', '#0f1216'];

export const theme = createTheme({
  primaryColor: 'accent', primaryShade: { light: 7, dark: 6 }, colors: { accent, dark }, autoContrast: false,
  fontFamily: "'Inter Variable', system-ui, sans-serif", fontFamilyMonospace: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace',
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' }, headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '600' },
  defaultRadius: 6, respectReducedMotion: true, cursorType: 'pointer',
});

/** Mantine's own colours follow ours, so that its inputs, menus and dialogs belong to both themes. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-default-color': '#171a1f', '--mantine-color-body': '#ffffff', '--mantine-color-text': '#171a1f', '--mantine-color-dimmed': '#5a6472', '--mantine-color-placeholder': '#667080', '--mantine-color-default-border': '#c6ccd4', '--mantine-color-error': '#a63d00', '--mantine-color-anchor': '#5443d3' },
  dark: { '--mantine-color-body': '#171b21', '--mantine-color-text': '#e8ebef', '--mantine-color-dimmed': '#a0a9b6', '--mantine-color-placeholder': '#8d97a5', '--mantine-color-default': '#1d222a', '--mantine-color-default-hover': '#262c36', '--mantine-color-default-border': '#3d4652', '--mantine-color-default-color': '#e8ebef', '--mantine-color-error': '#f2915a', '--mantine-color-anchor': '#b3a8ff' },
});
