/** How NetworkManager is asked for access points: what the module runs, what its capability allows, and what the box lets through to it. */
export const wifiScan = ['nmcli', '-t', '-f', 'BSSID,SSID,SIGNAL,CHAN', 'device', 'wifi', 'list', '--rescan', 'yes'] as const;
