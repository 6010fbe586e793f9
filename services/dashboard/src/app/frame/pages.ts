import { IconAdjustmentsDollar, IconBolt, IconChargingPile, IconChartDots3, IconFlask, IconHome2, IconId } from '@tabler/icons-react';

/** The screens in the order of the rail, each with the key that `g` is followed by. The first four make the bar of a phone. */
export const pages = [
  { name: 'overview', path: '/', key: 'o', icon: IconHome2 },
  { name: 'stations', path: '/stations', key: 's', icon: IconChargingPile },
  { name: 'sessions', path: '/sessions', key: 'e', icon: IconBolt },
  { name: 'cards', path: '/cards', key: 'c', icon: IconId },
  { name: 'tariffs', path: '/tariffs', key: 't', icon: IconAdjustmentsDollar },
  { name: 'models', path: '/models', key: 'm', icon: IconChartDots3 },
  { name: 'lab', path: '/lab', key: 'l', icon: IconFlask },
] as const;
